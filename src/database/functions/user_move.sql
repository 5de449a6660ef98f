-- Moves a user to another organization, with a role there, on behalf of an operator. Settings and history stay the
-- user's. The last owner goes only where `p_is_forced` says so.
--
-- `status`: changed, unchanged; no-such-user, deleted for a user who is, no-such-organization, last-owner.
create or replace function user_move(
  p_user_id varchar, p_organization_id uuid, p_role integer, p_is_forced boolean, p_operator varchar, p_reason varchar
)
returns text
language plpgsql volatile security definer set search_path from current as $function$
declare
  before users;
  previous_role smallint;
begin
  select u.* into before from users u where u.id = p_user_id for no key update;
  if before.id is null then
    return 'no-such-user';
  end if;
  if before.deleted_at is not null then
    return 'deleted';
  end if;
  -- Always in this order, and each by a statement of its own, as a distributed database needs it.
  perform from organizations o where o.id = least(before.organization_id, p_organization_id) for no key update;
  perform from organizations o where o.id = greatest(before.organization_id, p_organization_id) for no key update;
  perform from organizations o where o.id = p_organization_id and o.deleted_at is null;
  if not found then
    return 'no-such-organization';
  end if;
  select m.role into previous_role from members m
    where m.organization_id = before.organization_id and m.user_id = p_user_id;
  if before.organization_id = p_organization_id and previous_role = p_role then
    return 'unchanged';
  end if;
  if previous_role = 255 and not p_is_forced and not (before.organization_id = p_organization_id and p_role = 255) then
    perform from members m
      where m.organization_id = before.organization_id and m.role = 255 and m.deleted_at is null
        and m.user_id <> p_user_id;
    if not found then
      return 'last-owner';
    end if;
  end if;

  delete from members m where m.organization_id = before.organization_id and m.user_id = p_user_id;
  insert into members (organization_id, user_id, role) values (p_organization_id, p_user_id, p_role);
  update users u set organization_id = p_organization_id, version = before.version + 1 where u.id = p_user_id;
  -- An invitation is to an organization.
  update invitations i set next_attempt_at = null
    where i.organization_id = before.organization_id and i.user_id = p_user_id;
  perform keep_user_change(
    p_user_id, p_organization_id, before.version + 1, 'move',
    jsonb_build_array(
      jsonb_build_object('op', 'replace', 'path', '/organization', 'value', p_organization_id),
      jsonb_build_object('op', 'replace', 'path', '/role', 'value', role_name(p_role))),
    'operator', p_operator, null, p_reason);
  return 'changed';
end
$function$;
