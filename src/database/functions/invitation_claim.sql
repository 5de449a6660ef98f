-- Claims an invitation that is due, so that nobody else delivers it for `p_lease_seconds`, and returns what is to be
-- delivered. `attempts` counts this one, and is what invitation_settle needs to know of it.
--
-- `status`: claimed; dropped for a user who was validated, deleted, moved or invited again since; failed where a day
-- has passed; NULL where it is not due, or somebody else holds it.
create or replace function invitation_claim(
  p_organization_id uuid, p_id uuid, p_lease_seconds integer,
  out status text, out attempts integer, out invited_at timestamptz, out user_id varchar, out email varchar,
  out name varchar, out last_name varchar, out organization_name varchar, out inviter_id varchar,
  out inviter_email varchar
)
language plpgsql volatile security definer set search_path from current as $function$
declare
  invitation invitations;
  invited users;
begin
  select i.* into invitation from invitations i
    where i.organization_id = p_organization_id and i.id = p_id and i.next_attempt_at <= now()
    for update skip locked;
  if not found then
    return;
  end if;
  select u.* into invited from users u where u.id = invitation.user_id;
  select o.name into organization_name from organizations o where o.id = p_organization_id and o.deleted_at is null;
  if organization_name is null or invited.id is null or invited.validated or invited.deleted_at is not null
    or invited.organization_id is distinct from p_organization_id or invited.invited_at > invitation.invited_at then
    status := 'dropped';
    update invitations i set next_attempt_at = null where i.organization_id = p_organization_id and i.id = p_id;
    return;
  end if;
  if invitation.invited_at <= now() - interval '1 day' then
    status := 'failed';
    update invitations i
      set next_attempt_at = null, failed_at = now(),
        last_error = coalesce(i.last_error, 'nothing delivered invitations on that day')
      where i.organization_id = p_organization_id and i.id = p_id;
    return;
  end if;

  status := 'claimed';
  attempts := invitation.attempts + 1;
  update invitations i
    set attempts = invitation.attempts + 1, next_attempt_at = now() + make_interval(secs => p_lease_seconds)
    where i.organization_id = p_organization_id and i.id = p_id;
  invited_at := invitation.invited_at;
  user_id := invited.id;
  email := invited.email;
  name := invited.name;
  last_name := invited.last_name;
  if invitation.inviter_type <> 'operator' then
    inviter_id := invitation.inviter_id;
    select u.email into inviter_email from users u where u.id = invitation.inviter_id;
  end if;
end
$function$;
