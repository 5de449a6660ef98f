-- Gives a user another email, on behalf of an operator. The history keeps that it was changed, and no email.
--
-- `status`: changed, unchanged; no-such-user, email-taken.
create or replace function user_set_email(
  p_user_id varchar, p_email varchar, p_ttl_days integer, p_operator varchar, p_reason varchar
)
returns text
language plpgsql volatile security definer set search_path from current as $function$
declare
  before users;
begin
  select u.* into before from users u where u.id = p_user_id for no key update;
  if before.id is null then
    return 'no-such-user';
  end if;
  if not take_email(p_email, p_user_id, p_ttl_days) then
    return 'email-taken';
  end if;
  if before.email = p_email then
    return 'unchanged';
  end if;
  delete from user_emails e where e.email = before.email and e.user_id = p_user_id;
  update users u set email = p_email, version = before.version + 1 where u.id = p_user_id;
  perform keep_user_change(
    p_user_id, before.organization_id, before.version + 1, 'set-email', '[{"op": "replace", "path": "/email"}]',
    'operator', p_operator, null, p_reason);
  return 'changed';
end
$function$;
