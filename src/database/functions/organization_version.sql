-- A document of an organization as it was in one version, for a caller who has the right `p_right`. `status`: found;
-- no-such-version, or thinned where only its content is gone; not-a-member, forbidden.
create or replace function organization_version(
  p_organization_id uuid, p_caller_type text, p_caller_id varchar, p_context integer, p_right text, p_version bigint,
  out status text, out version bigint, out at text, out document text
)
language plpgsql stable security definer set search_path from current as $function$
declare
  is_thinned boolean;
  latest record;
begin
  status := organization_access(p_organization_id, p_caller_type, p_caller_id, array[p_right]);
  if status <> 'granted' then
    return;
  end if;
  select c.version, iso_time(c.at), c.thinned_operations is not null into version, at, is_thinned
    from organization_changes c
    where c.organization_id = p_organization_id and c.context = p_context and c.version = p_version;
  if found then
    latest := organization_document(p_organization_id, p_context);
    document := case when latest.version = p_version then latest.document
      else organization_document_at(p_organization_id, p_context, p_version) end;
  end if;
  status := case when document is not null then 'found' when is_thinned then 'thinned' else 'no-such-version' end;
end
$function$;
