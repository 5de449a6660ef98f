-- Keeps how the attempt number `p_attempts` to deliver an invitation ended: delivered, or to be made again in
-- `p_delay_seconds`, for the reason `p_error`, if any. An attempt that failed after its lease had ended, and another
-- attempt had begun, changes nothing.
create or replace function invitation_settle(
  p_organization_id uuid, p_id uuid, p_attempts integer, p_is_delivered boolean, p_error varchar,
  p_delay_seconds double precision
)
returns void
language plpgsql volatile security definer set search_path from current as $function$
declare
  settled_at constant timestamptz := now();
  again_at constant timestamptz := now() + make_interval(secs => p_delay_seconds);
begin
  update invitations i
    set delivered_at = case when p_is_delivered then settled_at end,
      next_attempt_at = case when not p_is_delivered then again_at end,
      failed_at = null,
      last_error = case when not p_is_delivered then coalesce(p_error, i.last_error) end
    where i.organization_id = p_organization_id and i.id = p_id
      and (p_is_delivered or i.attempts = p_attempts and i.next_attempt_at is not null);
end
$function$;
