-- Keeps in the history what an operator did to a service account, or that they erased a user; then `p_context_id` is
-- null. `p_patch` is a JSON Patch (RFC 6902) of what was changed, without personal data. One call at a time, so that
-- ids are unique and grow; operators call it, and no request does.
create or replace function operator_changed(
  p_context smallint, p_context_id varchar, p_organization_id uuid, p_operation varchar, p_patch jsonb,
  p_operator varchar, p_reason varchar
)
returns void
language plpgsql volatile security definer set search_path from current as $function$
declare
  changed_at timestamptz;
  next_id bigint;
  next_version bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended('operator_changes', 0));
  changed_at := date_trunc('milliseconds', clock_timestamp());
  select greatest(change_id_from(changed_at), max(c.id) + 1) into next_id from operator_changes c;
  select count(*) into next_version from operator_changes c
    where c.context = p_context and c.context_id = p_context_id;
  insert into operator_changes (
      id, at, organization_id, context, context_id, version, operation, patch, operator, reason
    )
    values (
      next_id, changed_at, p_organization_id, p_context, p_context_id, next_version, p_operation, p_patch, p_operator,
      p_reason
    );
end
$function$;
