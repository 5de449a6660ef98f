-- What settings_merge returns, and the changes as a JSON Patch (RFC 6902).
--
-- `leaves` are JSON Pointers (RFC 6901) to all members of the patch that are not objects, or are empty ones. With them,
-- the cost is that of setting a few paths; without (NULL), the whole documents are compared.
create or replace function settings_merge_with_changes(
  target jsonb, patch jsonb, leaves text[], out settings jsonb, out changes jsonb
)
language plpgsql immutable parallel safe as $function$
declare
  pointer text;
  path text[];
  steps integer;
  before jsonb;
  after jsonb;
  made jsonb[] := '{}';
begin
  settings := target;
  foreach pointer in array coalesce(leaves, '{}') loop
    path := settings_path(pointer);
    steps := cardinality(path);
    before := settings -> path[1];
    for i in 2 .. steps loop
      if jsonb_typeof(before) is distinct from 'object' then
        steps := i - 1;
        path := path[1:steps];
        pointer := array_to_string((string_to_array(pointer, '/'))[1:i], '/');
        exit;
      end if;
      before := before -> path[i];
    end loop;
    after := patch #> path;
    if after is null or (jsonb_typeof(after) = 'object' and jsonb_typeof(before) = 'object' and after <> '{}') then
      leaves := null;
      exit;
    end if;
    continue when before = after or (after = '{}' and jsonb_typeof(before) = 'object');
    settings := jsonb_set(settings, path, after);
    if jsonb_typeof(before) = 'array' then
      made := made || settings_changes(before, after, pointer);
    else
      made := made || jsonb_build_object(
        'op', case when before is null then 'add' else 'replace' end, 'path', pointer, 'value', after);
    end if;
  end loop;
  if leaves is null then
    settings := settings_merge(target, patch);
    changes := settings_diff(target, settings);
    return;
  end if;
  changes := to_jsonb(made);
  if pg_column_size(changes) > pg_column_size(settings) + 4096 then
    changes := settings_diff(target, settings);
  end if;
end
$function$;
