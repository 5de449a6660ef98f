-- Keeps that a user came with a valid token of theirs, unless their email has gone to another user meanwhile. Their own
-- change, so they are its author.
create or replace function user_validate(p_user_id varchar, p_request_id varchar) returns void
language plpgsql volatile security definer set search_path from current as $function$
declare
  patience constant interval := current_setting('lock_timeout');
  before users;
begin
  select u.* into before from users u where u.id = p_user_id for no key update;
  if before.id is null or before.validated or before.deleted_at is not null then
    return;
  end if;
  perform shorten_lock_timeout(patience);
  perform from user_emails e where e.email = before.email and e.user_id = p_user_id for update;
  if not found then
    return;
  end if;
  update users u set validated = true, version = before.version + 1 where u.id = p_user_id;
  perform keep_user_change(
    p_user_id, before.organization_id, before.version + 1, 'validate',
    '[{"op": "replace", "path": "/validated", "value": true}]', 'member', p_user_id, p_request_id, null);
end
$function$;
