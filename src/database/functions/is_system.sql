-- Whether an id is not an organization's but the system's. The documents of the system have their history where those
-- of organizations have theirs. Not declared strict, because then PostgreSQL would call it and not inline it, which
-- costs each change of settings 15 µs.
create or replace function is_system(id uuid) returns boolean
language sql immutable parallel safe as $function$
  select id = system_id()
$function$;
