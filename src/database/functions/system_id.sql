-- What stands where the id of an organization would, for what is the whole deployment's: the nil UUID (RFC 9562 §5.9),
-- which no organization has.
create or replace function system_id() returns uuid
language sql immutable parallel safe as $function$
  select '00000000-0000-0000-0000-000000000000'::uuid
$function$;
