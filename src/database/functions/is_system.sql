-- Whether an id is not an organization's but the system's. The documents of the system have their history where those
-- of organizations have theirs.
create or replace function is_system(id uuid) returns boolean
language sql immutable strict parallel safe as $function$
  select id = system_id()
$function$;
