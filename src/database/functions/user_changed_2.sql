-- Keeps in the history that an operator changed a user, with the operator's name and reason. `p_patch` is a JSON Patch
-- (RFC 6902) of what was changed, without personal data. It locks the user's row, so that the versions of one user
-- follow each other.
create or replace function user_changed_2(
  p_user_id varchar, p_organization_id uuid, p_operation varchar, p_patch jsonb, p_operator varchar, p_reason varchar
)
returns void
language plpgsql volatile security definer set search_path from current as $function$
declare
  next_version bigint;
  changed_at constant timestamptz := date_trunc('milliseconds', clock_timestamp());
begin
  perform from users u where u.id = p_user_id for update;
  select coalesce(max(c.version) + 1, 0) into next_version from user_changes c
    where c.user_id = p_user_id and c.context = change_context('USER');
  insert into user_changes (
      user_id, organization_id, context, version, id, at, operation, patch, operator, reason
    )
    values (
      p_user_id, p_organization_id, change_context('USER'), next_version,
      change_id_of(changed_at, change_context('USER'), p_user_id, next_version), changed_at, p_operation,
      p_patch, p_operator,
      p_reason
    );
  update users u set version = next_version where u.id = p_user_id;
end
$function$;
