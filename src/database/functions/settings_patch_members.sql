-- The same as settings_patch, at the cost of the members that the operations name: only these are copied for each
-- operation, and the rest of the document once. `document` is an object.
create or replace function settings_patch_members(document jsonb, patch jsonb, max_size integer, max_depth integer)
returns jsonb
language plpgsql immutable strict parallel safe as $function$
declare
  names text[];
  members jsonb;
begin
  -- An empty pointer names the whole document.
  if patch @? 'strict $[*] ? (@.path == "" || exists (@.from) && @.from == "")' then
    return settings_patch(document, patch, max_size, max_depth);
  end if;
  -- Joining unpacks a compressed document once.
  document := document || '{}';
  select coalesce(array_agg(distinct (settings_path(p.pointer))[1]), '{}') into names
    from jsonb_array_elements(patch) o, unnest(array[o ->> 'path', o ->> 'from']) p (pointer)
    where p.pointer is not null;
  select coalesce(jsonb_object_agg(n.name, document -> n.name), '{}') into members
    from unnest(names) n (name) where document ? n.name;
  document := document - names;
  return document || settings_patch(members, patch, max_size - pg_column_size(document), max_depth);
end
$function$;
