-- The steps of a JSON Pointer (RFC 6901); {} for the whole document. Not declared strict, because then PostgreSQL would
-- call it for each leaf of a change, and not inline it.
create or replace function settings_path(pointer text) returns text[]
language sql immutable parallel safe as $function$
  select case
    when pointer = '/' then array['']
    when position('~' in pointer) = 0 then string_to_array(substr(pointer, 2), '/')
    else settings_unescape(string_to_array(substr(pointer, 2), '/'))
  end
$function$;
