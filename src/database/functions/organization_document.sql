-- The current document of an organization, with its version and the time of its last change: the settings (context 8)
-- or the profile (context 4). A document that nobody wrote yet is empty, in version 0.
create or replace function organization_document(
  p_organization_id uuid, p_context integer, out version bigint, out document jsonb, out changed_at timestamptz
)
language plpgsql stable as $function$
begin
  if p_context = 8 then
    select s.version, s.settings, s.updated_at into version, document, changed_at from organization_settings s
      where s.organization_id = p_organization_id;
  elsif p_context = 4 then
    select o.version, organization_profile(to_jsonb(o)), o.updated_at into version, document, changed_at
      from organizations o where o.id = p_organization_id;
  end if;
  version := coalesce(version, 0);
  document := coalesce(document, '{}');
end
$function$;
