-- Deletes keys from a document. `keys` is [{"key":"a.b","path":["a","b"]}, …]: an exact top-level key wins over the
-- path, judged by the document as it was before the change. A path leads through objects only; a missing key is left
-- alone.
create or replace function settings_delete_keys(document jsonb, keys jsonb) returns jsonb
language plpgsql immutable strict parallel safe as $function$
declare
  original constant jsonb := document || '{}';
  result jsonb;
  path text[];
  parent jsonb;
begin
  select original - coalesce(array_agg(k ->> 'key'), '{}') into result
    from jsonb_array_elements(keys) k where original ? (k ->> 'key');
  for path in
    select array(select jsonb_array_elements_text(k -> 'path'))
      from jsonb_array_elements(keys) k where not original ? (k ->> 'key')
  loop
    parent := result;
    for i in 1 .. cardinality(path) - 1 loop
      parent := parent -> path[i];
      exit when parent is null;
    end loop;
    if jsonb_typeof(parent) = 'object' and parent ? path[cardinality(path)] then
      result := result #- path;
    end if;
  end loop;
  return result;
end
$function$;
