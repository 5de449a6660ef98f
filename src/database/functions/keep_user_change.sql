-- Keeps in the history that a user was changed to a version. `p_patch` is a JSON Patch (RFC 6902) of what was changed.
-- An operator has no id: `p_caller_id` is their name then. Its caller holds the lock of the user's row.
create or replace function keep_user_change(
  p_user_id varchar, p_organization_id uuid, p_version bigint, p_operation varchar, p_patch jsonb,
  p_caller_type text, p_caller_id varchar, p_request_id varchar, p_reason varchar
)
returns void
language plpgsql volatile as $function$
declare
  user_context constant smallint := 3;
  changed_at constant timestamptz := date_trunc('milliseconds', clock_timestamp());
begin
  insert into user_changes (
      user_id, organization_id, context, version, id, at, operation, actor_id, operator, patch, request_id, reason
    )
    values (
      p_user_id, p_organization_id, user_context, p_version,
      change_id_of(changed_at, user_context, p_user_id, p_version), changed_at, p_operation,
      case when p_caller_type <> 'operator' then p_caller_id end,
      case when p_caller_type = 'operator' then p_caller_id end,
      p_patch, p_request_id, p_reason
    );
end
$function$;
