-- Keeps in the history that a user was changed to a version. `p_patch` is a JSON Patch (RFC 6902) of what was changed.
-- An operator has no id: `p_caller_id` is their name then. Its caller holds the lock of the user's row.
--
-- It counts what the patch takes. With each further 64 KiB it puts the user on the list users_to_thin: whoever works
-- that list knows the quota.
create or replace function keep_user_change(
  p_user_id varchar, p_organization_id uuid, p_version bigint, p_operation varchar, p_patch jsonb,
  p_caller_type text, p_caller_id varchar, p_request_id varchar, p_reason varchar
)
returns void
language plpgsql volatile as $function$
declare
  changed_at constant timestamptz := date_trunc('milliseconds', clock_timestamp());
  patch_bytes constant integer := pg_column_size(p_patch);
  content_bytes bigint;
begin
  insert into user_changes (
      user_id, organization_id, context, version, id, at, operation, actor_id, operator, patch, request_id, reason
    )
    values (
      p_user_id, p_organization_id, change_context('USER'), p_version,
      change_id_of(changed_at, change_context('USER'), p_user_id, p_version), changed_at, p_operation,
      case when p_caller_type <> 'operator' then p_caller_id end,
      case when p_caller_type = 'operator' then p_caller_id end,
      p_patch, p_request_id, p_reason
    );
  update users u set history_bytes = u.history_bytes + patch_bytes where u.id = p_user_id
    returning u.history_bytes into content_bytes;
  if content_bytes / 65536 > (content_bytes - patch_bytes) / 65536 then
    insert into users_to_thin (user_id) values (p_user_id) on conflict do nothing;
  end if;
end
$function$;
