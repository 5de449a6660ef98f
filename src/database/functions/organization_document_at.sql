-- A document of an organization as it was in one version of its history: the settings (context 8), the profile
-- (4), or what organization_document has besides. NULL where that version is not kept. Version 0 is the empty document,
-- whereas a profile was never empty.
create or replace function organization_document_at(p_organization_id uuid, p_context integer, p_version bigint)
returns jsonb
language plpgsql stable as $function$
declare
  base record;
  patches jsonb[];
begin
  select c.version, c.snapshot as document into base from organization_changes c
    where c.organization_id = p_organization_id and c.context = p_context and c.version <= p_version
      and c.snapshot is not null
    order by c.version desc limit 1;
  if base.version = p_version then
    return base.document;
  end if;
  if base.version is null and p_context = 4 then
    return null;
  end if;
  if base.version is null and p_version = 0 then
    perform from organization_changes c
      where c.organization_id = p_organization_id and c.context = p_context and c.version = 1;
    return case when found then '{}'::jsonb end;
  end if;
  select array_agg(c.patch order by c.version) into patches from organization_changes c
    where c.organization_id = p_organization_id and c.context = p_context
      and c.version > coalesce(base.version, 0) and c.version <= p_version and c.thinned_operations is null;
  -- A gap, what was thinned, or the end of what is kept.
  if cardinality(patches) is distinct from p_version - coalesce(base.version, 0) then
    return null;
  end if;
  return settings_replay(coalesce(base.document, '{}'), patches);
end
$function$;
