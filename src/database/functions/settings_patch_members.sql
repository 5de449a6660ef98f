-- The same as settings_patch, at the cost of the members that the operations name: only these are copied for each
-- operation, and the rest of the document once. Where all of them work within one large object of the document, the
-- members are those of that object; within an array, its elements are what is copied. `document` is an object.
create or replace function settings_patch_members(document jsonb, patch jsonb, max_size integer, max_depth integer)
returns jsonb
language plpgsql immutable strict parallel safe as $function$
declare
  -- An object that is smaller is copied as fast as it is taken apart, in bytes of jsonb.
  large constant integer := 16384;
  place text[] := '{}';
  container jsonb;
  names text[];
  are_deeper boolean;
  rest jsonb;
  members jsonb;
begin
  -- An empty pointer names the whole document.
  if patch @? 'strict $[*] ? (@.path == "" || exists (@.from) && @.from == "")' then
    return settings_patch(document, patch, max_size, max_depth);
  end if;
  -- Joining unpacks a compressed document once.
  document := document || '{}';
  container := document;
  while pg_column_size(container) >= large loop
    select array_agg(distinct p.path[cardinality(place) + 1]), bool_and(cardinality(p.path) > cardinality(place) + 1)
      into names, are_deeper
      from (
        select settings_path(p.pointer) as path
        from jsonb_array_elements(patch) o, unnest(array[o ->> 'path', o ->> 'from']) p (pointer)
        where p.pointer is not null
      ) p;
    exit when cardinality(names) is distinct from 1 or not are_deeper
      or coalesce(jsonb_typeof(settings_value(container, names)), 'null') not in ('object', 'array');
    place := place || names;
    container := settings_value(container, names);
  end loop;
  if jsonb_typeof(container) = 'array' then
    return settings_patch_array(document, place, patch, max_size, max_depth);
  end if;
  select coalesce(array_agg(distinct (settings_path(p.pointer))[cardinality(place) + 1]), '{}') into names
    from jsonb_array_elements(patch) o, unnest(array[o ->> 'path', o ->> 'from']) p (pointer)
    where p.pointer is not null;
  select coalesce(jsonb_object_agg(n.name, container -> n.name), '{}') into members
    from unnest(names) n (name) where container ? n.name;
  rest := container - names;
  max_size := max_size - (pg_column_size(document) - pg_column_size(container)) - pg_column_size(rest);
  -- What is built around the members here is no part of the document's size.
  max_size := max_size - pg_column_size(members);
  for depth in reverse cardinality(place)..1 loop
    members := jsonb_build_object(place[depth], members);
  end loop;
  max_size := max_size + pg_column_size(members);
  members := settings_patch(members, patch, max_size, max_depth);
  if place = '{}' then
    return rest || members;
  end if;
  return jsonb_set(document, place, rest || (members #> place));
end
$function$;
