-- A document of a user as it was in one version of its history: the settings (context 7). NULL where that version is
-- not kept. Version 0 is the empty document.
create or replace function user_document_at(p_user_id varchar, p_context integer, p_version bigint) returns jsonb
language plpgsql stable as $function$
declare
  base record;
  patches jsonb[];
begin
  select c.version, c.snapshot as document into base from user_changes c
    where c.user_id = p_user_id and c.context = p_context and c.version <= p_version
      and c.snapshot is not null
    order by c.version desc limit 1;
  if base.version = p_version then
    return base.document;
  end if;
  if base.version is null and p_version = 0 then
    perform from user_changes c where c.user_id = p_user_id and c.context = p_context and c.version = 1;
    return case when found then '{}'::jsonb end;
  end if;
  select array_agg(c.patch order by c.version) into patches from user_changes c
    where c.user_id = p_user_id and c.context = p_context
      and c.version > coalesce(base.version, 0) and c.version <= p_version and c.thinned_operations is null;
  -- A gap, what was thinned, or the end of what is kept.
  if cardinality(patches) is distinct from p_version - coalesce(base.version, 0) then
    return null;
  end if;
  return settings_replay(coalesce(base.document, '{}'), patches);
end
$function$;
