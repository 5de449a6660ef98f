-- A JSON Patch (RFC 6902) that turns one version of a document of an organization into another, for a caller who has
-- the right `p_right`. `status`: found; no-such-version, thinned; not-a-member, forbidden.
create or replace function organization_version_diff(
  p_organization_id uuid, p_caller_type text, p_caller_id varchar, p_context integer, p_right text,
  p_from bigint, p_to bigint,
  out status text, out patch text
)
language plpgsql stable security definer set search_path from current as $function$
declare
  lower constant bigint := least(p_from, p_to);
  upper constant bigint := greatest(p_from, p_to);
  earlier jsonb;
  later jsonb;
  patches jsonb[];
begin
  status := organization_access(p_organization_id, p_caller_type, p_caller_id, array[p_right]);
  if status <> 'granted' then
    return;
  end if;
  perform from organization_changes c
    where c.organization_id = p_organization_id and c.context = p_context and c.version in (p_from, p_to)
      and c.thinned_operations is not null;
  if found then
    status := 'thinned';
    return;
  end if;
  if p_to = p_from + 1 then
    -- The history has it as it was made.
    select c.patch into patch from organization_changes c
      where c.organization_id = p_organization_id and c.context = p_context and c.version = p_to
        and c.operation not in ('baseline', 'create');
  end if;
  if patch is null then
    earlier := organization_document_at(p_organization_id, p_context, lower);
    perform from organization_changes c
      where c.organization_id = p_organization_id and c.context = p_context and c.version > lower and c.version <= upper
        and c.snapshot is not null;
    if found then
      later := organization_document_at(p_organization_id, p_context, upper);
    else
      -- What led to the earlier version is not replayed again.
      patches := array(
        select c.patch from organization_changes c
          where c.organization_id = p_organization_id and c.context = p_context
            and c.version > lower and c.version <= upper
          order by c.version);
      if cardinality(patches) = upper - lower then
        later := settings_replay(earlier, patches);
      end if;
    end if;
    patch := case when p_from <= p_to then settings_diff(earlier, later) else settings_diff(later, earlier) end;
  end if;
  status := case when patch is null then 'no-such-version' else 'found' end;
end
$function$;
