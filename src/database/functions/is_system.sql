-- Whether an id is not an organization's but the system's: the nil UUID (RFC 9562), which no organization has. The
-- documents of the system have their history where those of organizations have theirs.
create or replace function is_system(id uuid) returns boolean
language sql immutable strict parallel safe as $function$
  select id = '00000000-0000-0000-0000-000000000000'
$function$;
