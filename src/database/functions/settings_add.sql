-- The operation "add" of a JSON Patch (RFC 6902 §4.1). NULL where it cannot be done.
create or replace function settings_add(document jsonb, path text[], value jsonb) returns jsonb
language plpgsql immutable strict parallel safe as $function$
declare
  parent_path text[] := path[:cardinality(path) - 1];
  parent jsonb;
  step text := path[cardinality(path)];
begin
  if step is null then
    return value;
  end if;
  parent := settings_value(document, parent_path);
  if jsonb_typeof(parent) = 'object' then
    return jsonb_set(document, path, value);
  elsif jsonb_typeof(parent) = 'array' then
    if step = '-' then
      step := jsonb_array_length(parent)::text;
    elsif step !~ '^(0|[1-9][0-9]{0,8})$' or step::integer > jsonb_array_length(parent) then
      return null;
    end if;
    return jsonb_insert(document, parent_path || step, value);
  end if;
  return null;
end
$function$;
