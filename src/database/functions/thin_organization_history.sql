-- Takes the content of the oldest versions of an organization's settings and profile where together they take more than
-- `p_max_bytes`. Each document may take half of that, and what the other leaves. The newest 20 versions of each stay.
--
-- One call takes little, so that no change waits long for it: it is to be called until it `is_done`, which takes the
-- organization from the list organizations_to_thin. `versions` and `bytes` are what this call took. `is_done` is NULL,
-- and nothing is done, while another call is at work.
create or replace function thin_organization_history(
  p_organization_id uuid, p_max_bytes bigint, out is_done boolean, out versions integer, out bytes bigint
)
language plpgsql volatile security definer set search_path from current as $function$
declare
  settings_context constant smallint := 8;
  profile_context constant smallint := 4;
  -- Less than the quota, so that the next change does not pass it again.
  max_bytes constant bigint := p_max_bytes - p_max_bytes / 32;
  settings record;
  profile record;
  of_settings record;
  of_profile record;
  bytes_of_settings bigint;
  taken record;
begin
  versions := 0;
  bytes := 0;
  if not pg_try_advisory_xact_lock(4815162343) then
    return;
  end if;
  select s.version, s.history_from, s.history_bytes, pg_column_size(s.settings) as document_bytes into settings
    from organization_settings s
    where s.organization_id = p_organization_id;
  select o.version, o.history_from, o.history_bytes into profile from organizations o where o.id = p_organization_id;
  of_settings := organization_history_size(
    p_organization_id, settings_context, settings.history_from, settings.version, max_bytes);
  of_profile := organization_history_size(
    p_organization_id, profile_context, profile.history_from, profile.version, max_bytes);
  if of_settings.bytes + of_profile.bytes > max_bytes then
    bytes_of_settings := of_settings.bytes;
    -- Of the settings, the first version is kept whole from then on; versions of the profile are.
    of_settings := organization_history_size(
      p_organization_id, settings_context, settings.history_from, settings.version,
      greatest(max_bytes / 2, max_bytes - of_profile.bytes) - settings.document_bytes);
    of_profile := organization_history_size(
      p_organization_id, profile_context, profile.history_from, profile.version,
      greatest(max_bytes / 2, max_bytes - bytes_of_settings));
  end if;

  if of_profile.first > profile.history_from then
    taken := thin_organization_versions(
      p_organization_id, profile_context, profile.history_from, of_profile.first);
    versions := taken.versions;
    bytes := taken.bytes;
  end if;
  if of_settings.first > settings.history_from then
    taken := thin_organization_versions(
      p_organization_id, settings_context, settings.history_from, of_settings.first);
    versions := versions + taken.versions;
    bytes := bytes + taken.bytes;
  end if;
  is_done := versions = 0;
  if is_done then
    -- What changes have added since counts on.
    update organizations o set history_bytes = o.history_bytes - profile.history_bytes + of_profile.bytes
      where o.id = p_organization_id;
    update organization_settings s set history_bytes = s.history_bytes - settings.history_bytes + of_settings.bytes
      where s.organization_id = p_organization_id;
    delete from organizations_to_thin t where t.organization_id = p_organization_id;
  end if;
end
$function$;
