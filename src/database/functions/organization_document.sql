-- The current document of an organization, with its version and the time of its last change: the settings (context 8),
-- the profile (4) or the policy (100); or one of the system, the settings (101) or the policy (102). A document that
-- nobody wrote yet is empty, in version 0.
create or replace function organization_document(
  p_organization_id uuid, p_context integer, out version bigint, out document jsonb, out changed_at timestamptz
)
language plpgsql stable as $function$
begin
  if p_context = 8 then
    select s.version, s.settings, s.updated_at into version, document, changed_at from organization_settings s
      where s.organization_id = p_organization_id;
  elsif p_context = 4 then
    select o.version, organization_profile_2(o), o.updated_at into version, document, changed_at
      from organizations o where o.id = p_organization_id;
  elsif is_system(p_organization_id) then
    select d.version, d.document, d.updated_at into version, document, changed_at from system_documents d
      where d.kind = p_context;
  else
    select d.version, d.document, d.updated_at into version, document, changed_at from organization_documents d
      where d.organization_id = p_organization_id and d.kind = p_context;
  end if;
  version := coalesce(version, 0);
  document := coalesce(document, '{}');
end
$function$;
