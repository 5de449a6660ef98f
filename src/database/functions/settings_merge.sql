-- Merges two objects: objects merge at every depth, anything else replaces, a JSON null is a value (docs/adr/0001). One
-- pass for each level, never a copy of the document for each key. Joining with '{}' unpacks a compressed document once,
-- instead of at each look into it.
create or replace function settings_merge(target jsonb, patch jsonb) returns jsonb
language plpgsql immutable strict parallel safe as $function$
declare
  nested jsonb;
begin
  if not patch @? 'strict $.* ? (@.type() == "object")' then
    return target || patch;
  end if;
  target := target || '{}';
  select jsonb_object_agg(key, settings_merge(target -> key, value)) into nested
    from jsonb_each(patch)
    where jsonb_typeof(value) = 'object' and jsonb_typeof(target -> key) = 'object';
  return target || patch || coalesce(nested, '{}');
end
$function$;
