-- Takes the content of the oldest versions of a user's settings where they take more than `p_max_bytes`. The newest 20
-- stay.
--
-- One call takes little, so that no change waits long for it: it is to be called until it `is_done`, which takes the
-- user from the list users_to_thin. `versions` and `bytes` are what this call took. `is_done` is NULL, and nothing is
-- done, while another call is at work.
create or replace function thin_user_history(
  p_user_id varchar, p_max_bytes bigint, out is_done boolean, out versions integer, out bytes bigint
)
language plpgsql volatile security definer set search_path from current as $function$
declare
  settings_context constant smallint := 7;
  -- Less than the quota, so that the next change does not pass it again.
  max_bytes constant bigint := p_max_bytes - p_max_bytes / 32;
  settings record;
  of_settings record;
  taken record;
begin
  versions := 0;
  bytes := 0;
  if not pg_try_advisory_xact_lock(4815162343) then
    return;
  end if;
  select s.version, s.history_from, s.history_bytes, pg_column_size(s.settings) as document_bytes into settings
    from user_settings s where s.user_id = p_user_id;
  of_settings := user_history_size(
    p_user_id, settings_context, settings.history_from, settings.version, max_bytes);
  if of_settings.bytes > max_bytes then
    -- The first version is kept whole from then on.
    of_settings := user_history_size(
      p_user_id, settings_context, settings.history_from, settings.version, max_bytes - settings.document_bytes);
  end if;
  if of_settings.first > settings.history_from then
    taken := thin_user_versions(p_user_id, settings_context, settings.history_from, of_settings.first);
    versions := taken.versions;
    bytes := taken.bytes;
  end if;
  is_done := versions = 0;
  if is_done then
    -- What changes have added since counts on.
    update user_settings s set history_bytes = s.history_bytes - settings.history_bytes + of_settings.bytes
      where s.user_id = p_user_id;
    delete from users_to_thin t where t.user_id = p_user_id;
  end if;
end
$function$;
