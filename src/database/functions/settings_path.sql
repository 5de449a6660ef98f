-- The steps of a JSON Pointer (RFC 6901); {} for the whole document.
create or replace function settings_path(pointer text) returns text[]
language plpgsql immutable strict parallel safe as $function$
begin
  if pointer = '/' then
    return array[''];
  end if;
  if position('~' in pointer) = 0 then
    return string_to_array(substr(pointer, 2), '/');
  end if;
  return array(
    select replace(replace(step, '~1', '/'), '~0', '~')
    from unnest(string_to_array(substr(pointer, 2), '/')) with ordinality s (step, place) order by place);
end
$function$;
