-- A document of an organization as it was at a time, to the millisecond, for a caller who has the right `p_right`: the
-- last version made by then, or version 0, the empty document, before the first one. `status`: found;
-- no-such-version, as for a profile before its history; thinned; not-a-member, forbidden.
create or replace function organization_version_as_of(
  p_organization_id uuid, p_caller_type text, p_caller_id varchar, p_context integer, p_right text, p_at timestamptz,
  out status text, out version bigint, out document text
)
language plpgsql stable security definer set search_path from current as $function$
declare
  latest record;
  last_id constant bigint := change_id_from(p_at) + 4095;
begin
  status := organization_access(p_organization_id, p_caller_type, p_caller_id, array[p_right]);
  if status <> 'granted' then
    return;
  end if;
  latest := organization_document(p_organization_id, p_context);
  if latest.version = 0 and p_context <> 4 or latest.changed_at < p_at + interval '1 millisecond' then
    version := latest.version;
    document := latest.document;
  else
    -- Ids grow with time but within a millisecond, so the last version may be among the 4,096 ids before the last one.
    select coalesce(max(c.version), case when p_context <> 4 then 0 end) into version from organization_changes c
      where c.organization_id = p_organization_id and c.context = p_context and c.id <= last_id
        and c.id > (
          select l.id - 4096 from organization_changes l
          where l.organization_id = p_organization_id and l.context = p_context and l.id <= last_id
          order by l.id desc limit 1
        );
    document := organization_document_at(p_organization_id, p_context, version);
  end if;
  if document is null then
    perform from organization_changes c
      where c.organization_id = p_organization_id and c.context = p_context
        and c.version = organization_version_as_of.version and c.thinned_operations is not null;
    status := case when found then 'thinned' else 'no-such-version' end;
  else
    status := 'found';
  end if;
end
$function$;
