-- Takes the content of the oldest versions of a user and their settings where together they take more than
-- `p_max_bytes`. Each may take half of that, and what the other leaves. The newest 20 versions of each stay.
--
-- One call removes little, so that no change waits long for it: call it until it `is_done`, which removes the user from
-- the list users_to_thin. `versions` and `bytes` are what this call removed. `is_done` is NULL, and nothing is done,
-- while another call is at work.
create or replace function thin_user_history(
  p_user_id varchar, p_max_bytes bigint, out is_done boolean, out versions integer, out bytes bigint
)
language plpgsql volatile security definer set search_path from current as $function$
declare
  -- Less than the quota, so that the next change does not pass it again.
  max_bytes constant bigint := p_max_bytes - p_max_bytes / 32;
  settings record;
  person record;
  of_settings record;
  of_person record;
  bytes_of_settings bigint;
  taken record;
begin
  versions := 0;
  bytes := 0;
  if not pg_try_advisory_xact_lock(4815162343) then
    return;
  end if;
  select s.version, s.history_from, s.history_bytes, pg_column_size(s.settings) as document_bytes into settings
    from user_settings s where s.user_id = p_user_id;
  select u.version, u.history_from, u.history_bytes into person from users u where u.id = p_user_id;
  of_settings := user_history_size(
    p_user_id, change_context('USER_SETTINGS'), settings.history_from, settings.version, max_bytes);
  of_person := user_history_size(p_user_id, change_context('USER'), person.history_from, person.version, max_bytes);
  if of_settings.bytes + of_person.bytes > max_bytes then
    bytes_of_settings := of_settings.bytes;
    -- Of the settings, the first version is kept whole from then on.
    of_settings := user_history_size(
      p_user_id, change_context('USER_SETTINGS'), settings.history_from, settings.version,
      greatest(max_bytes / 2, max_bytes - of_person.bytes) - settings.document_bytes);
    of_person := user_history_size(
      p_user_id, change_context('USER'), person.history_from, person.version,
      greatest(max_bytes / 2, max_bytes - bytes_of_settings));
  end if;

  if of_person.first > person.history_from then
    taken := thin_user_versions(p_user_id, change_context('USER'), person.history_from, of_person.first);
    versions := taken.versions;
    bytes := taken.bytes;
  end if;
  if of_settings.first > settings.history_from then
    taken := thin_user_versions(p_user_id, change_context('USER_SETTINGS'), settings.history_from, of_settings.first);
    versions := versions + taken.versions;
    bytes := bytes + taken.bytes;
  end if;
  is_done := versions = 0;
  if is_done then
    -- What changes have added since counts on.
    update users u set history_bytes = u.history_bytes - person.history_bytes + of_person.bytes
      where u.id = p_user_id;
    update user_settings s set history_bytes = s.history_bytes - settings.history_bytes + of_settings.bytes
      where s.user_id = p_user_id;
    delete from users_to_thin t where t.user_id = p_user_id;
  end if;
end
$function$;
