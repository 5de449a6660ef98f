-- Makes a user on behalf of a member, a service account or an operator, as a member of an organization or, for
-- operators, of none (NULL).
--
-- It locks the organization's row, checks the caller's right by what is committed then, and stores the user, their
-- membership, their email and the row in the history, all or nothing. `p_caller_type` is 'member', 'service' or
-- 'operator', whose `p_caller_id` is a name, or NULL. An invitation is kept where `p_is_invited` says so. `p_ttl_days`
-- is how long an invitation holds.
--
-- `status`: created; no-such-organization, forbidden; id-taken, email-taken; too-many-invitations with the seconds to
-- wait in `retry_after`. `member` is what member_shown makes of a created one.
create or replace function member_create(
  p_organization_id uuid, p_caller_type text, p_caller_id varchar,
  p_user_id varchar, p_email varchar, p_name varchar, p_last_name varchar, p_role integer,
  p_is_validated boolean, p_is_invited boolean, p_ttl_days integer, p_request_id varchar, p_reason varchar,
  out status text, out version bigint, out member jsonb, out retry_after integer
)
language plpgsql volatile security definer set search_path from current as $function$
declare
  patience constant interval := current_setting('lock_timeout');
  created users;
  holder varchar;
  last_invited_at timestamptz;
begin
  if p_organization_id is not null then
    perform from organizations o where o.id = p_organization_id and o.deleted_at is null for no key update;
    if not found then
      status := 'no-such-organization';
      return;
    end if;
  end if;
  if not coalesce(may_manage_role(member_authority(p_organization_id, p_caller_type, p_caller_id), p_role), false) then
    status := 'forbidden';
    return;
  end if;

  perform from users u where u.id = p_user_id;
  if not found then
    perform from user_subjects s where s.subject = p_user_id;
  end if;
  if not found then
    perform from service_accounts s where s.id = p_user_id;
  end if;
  if found then
    status := 'id-taken';
    return;
  end if;
  select e.user_id into holder from user_emails e where e.email = p_email;
  perform shorten_lock_timeout(patience);
  if not take_email(p_email, p_user_id, p_ttl_days) then
    status := 'email-taken';
    return;
  end if;
  if p_is_invited then
    -- Whoever had this email before: it is the same mailbox.
    select max(u.invited_at) into last_invited_at from users u where u.email = p_email;
    retry_after := invitation_wait(p_organization_id, last_invited_at);
    if retry_after is not null then
      if holder is null then
        delete from user_emails e where e.email = p_email;
      else
        update user_emails e set user_id = holder where e.email = p_email;
      end if;
      status := 'too-many-invitations';
      return;
    end if;
  end if;

  insert into users (id, email, name, last_name, organization_id, validated, invited_at)
    values (
      p_user_id, p_email, p_name, p_last_name, p_organization_id, p_is_validated, case when p_is_invited then now() end
    )
    returning * into created;
  if p_is_invited then
    perform keep_invitation(p_organization_id, p_user_id, p_caller_type, p_caller_id);
  end if;
  if p_organization_id is not null then
    insert into members (organization_id, user_id, role) values (p_organization_id, p_user_id, p_role);
  end if;
  status := 'created';
  version := 0;
  member := member_shown(created, case when p_organization_id is not null then p_role end);
  perform keep_user_change(
    p_user_id, p_organization_id, version, 'create',
    jsonb_build_array(
      jsonb_build_object(
        'op', 'add', 'path', '/role', 'value', case when p_organization_id is not null then role_name(p_role) end))
      || case when p_is_invited then '[{"op": "add", "path": "/invited", "value": true}]' else '[]' end::jsonb,
    p_caller_type, p_caller_id, p_request_id, p_reason);
end
$function$;
