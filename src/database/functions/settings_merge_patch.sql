-- Applies a JSON Merge Patch (RFC 7396 §2) that is an object; null deletes.
create or replace function settings_merge_patch(target jsonb, patch jsonb) returns jsonb
language plpgsql immutable strict parallel safe as $function$
declare
  nested jsonb;
  gone text[];
begin
  if jsonb_typeof(target) <> 'object' then
    target := '{}';
  end if;
  target := target || '{}';
  select
    coalesce(jsonb_object_agg(key, settings_merge_patch(coalesce(target -> key, '{}'), value))
      filter (where jsonb_typeof(value) = 'object'), '{}'),
    coalesce(array_agg(key) filter (where value = 'null'), '{}')
    into nested, gone from jsonb_each(patch);
  return ((target || patch) - gone) || nested;
end
$function$;
