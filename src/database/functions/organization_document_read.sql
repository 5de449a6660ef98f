-- The current document of an organization, or of the system, for a caller who has the right `p_right`. `settings` is
-- its text; NULL when it is in the version that the caller has. `status`: found; not-a-member, forbidden.
create or replace function organization_document_read(
  p_organization_id uuid, p_caller_type text, p_caller_id varchar, p_context integer, p_right text,
  p_known_version bigint,
  out status text, out version bigint, out settings text
)
language plpgsql stable security definer set search_path from current as $function$
declare
  latest record;
begin
  status := organization_access(p_organization_id, p_caller_type, p_caller_id, array[p_right]);
  if status <> 'granted' then
    return;
  end if;
  status := 'found';
  latest := organization_document(p_organization_id, p_context);
  version := latest.version;
  settings := case when latest.version is distinct from p_known_version then latest.document::text end;
end
$function$;
