-- About how many bytes the contents of all versions take that are kept of an organization, or of the system.
create or replace function organization_history_bytes(p_organization_id uuid) returns bigint
language plpgsql volatile as $function$
declare
  profile bigint;
  settings bigint;
  documents bigint;
begin
  if is_system(p_organization_id) then
    select sum(d.history_bytes) into documents from system_documents d;
  else
    select o.history_bytes into profile from organizations o where o.id = p_organization_id;
    select s.history_bytes into settings from organization_settings s where s.organization_id = p_organization_id;
    select sum(d.history_bytes) into documents from organization_documents d
      where d.organization_id = p_organization_id;
  end if;
  return coalesce(profile, 0) + coalesce(settings, 0) + coalesce(documents, 0);
end
$function$;
