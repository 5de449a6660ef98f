-- Links the subject of a token to the user who was invited by the token's email, and returns the user's id; NULL where
-- nobody is to be linked. Of several first requests of one subject one links, and all get the id.
--
-- A user is linked once: one who is not validated, is active, has this email, and has an invitation that is at most
-- `p_ttl_days` old, from somebody who is still active and may still invite to this role.
create or replace function user_link(
  p_subject varchar, p_email varchar, p_ttl_days integer, p_request_id varchar
)
returns varchar
language plpgsql volatile security definer set search_path from current as $function$
declare
  patience constant interval := current_setting('lock_timeout');
  holder varchar;
  before users;
  member_role smallint;
  invitation invitations;
  is_invited boolean;
begin
  select e.user_id into holder from user_emails e where e.email = p_email;
  if not found then
    return null;
  end if;
  select u.* into before from users u where u.id = holder for no key update;
  if before.subject = p_subject and before.deleted_at is null then
    return holder;
  end if;
  if before.id is null or before.validated or before.deleted_at is not null or before.subject is not null
    or before.organization_id is null then
    return null;
  end if;
  perform shorten_lock_timeout(patience);
  perform from organizations o where o.id = before.organization_id and o.deleted_at is null for no key update;
  if not found then
    return null;
  end if;
  perform shorten_lock_timeout(patience);
  perform from user_emails e where e.email = p_email and e.user_id = holder for update;
  if not found then
    return null;
  end if;
  select m.role into member_role from members m
    where m.organization_id = before.organization_id and m.user_id = holder and m.deleted_at is null;
  for invitation in
    select i.* from invitations i
      where i.organization_id = before.organization_id and i.user_id = holder
        and i.invited_at > now() - make_interval(days => p_ttl_days)
      order by i.invited_at desc
  loop
    is_invited := may_manage_role(
      member_authority(before.organization_id, invitation.inviter_type, invitation.inviter_id), member_role);
    exit when is_invited;
  end loop;
  if is_invited is not true then
    return null;
  end if;

  -- A subject that is the id of somebody else speaks for them.
  perform from users u where u.id = p_subject;
  if not found then
    perform from service_accounts s where s.id = p_subject;
  end if;
  if found then
    return null;
  end if;
  perform shorten_lock_timeout(patience);
  insert into user_subjects (subject, user_id) values (p_subject, holder) on conflict (subject) do nothing;
  if not found then
    return null;
  end if;
  update users u set validated = true, subject = p_subject, version = before.version + 1 where u.id = holder;
  perform keep_user_change(
    holder, before.organization_id, before.version + 1, 'validate',
    '[{"op": "replace", "path": "/validated", "value": true}]', 'member', holder, p_request_id, null);
  return holder;
end
$function$;
