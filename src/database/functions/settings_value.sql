-- The value at a path, NULL where there is none. Array indexes are those of RFC 6901 §4.
create or replace function settings_value(document jsonb, path text[]) returns jsonb
language plpgsql immutable strict parallel safe as $function$
declare
  node jsonb := document;
  step text;
begin
  foreach step in array path loop
    if jsonb_typeof(node) <> 'array' then
      node := node -> step;
    elsif step ~ '^(0|[1-9][0-9]{0,8})$' then
      node := node -> step::integer;
    else
      return null;
    end if;
  end loop;
  return node;
end
$function$;
