-- Changes a user on behalf of a member of their organization (who may be themselves), a service account or an operator.
--
-- It locks the user's row and then the organization's, so that all changes of its members follow each other: no two
-- owners remove each other, and nobody whose own role was withdrawn while they waited gives one. It checks the caller's
-- right by what is committed at that point, checks the preconditions, and stores the change with its row in the
-- history.
--
-- `p_organization_id` is the caller's, or, for an operator, the user's, which may be NULL. An operator's `p_caller_id`
-- is a name, or NULL. `p_kind` is 'update' with some of {"name": …, "last_name": …, "role": …} in `p_argument`, or
-- 'delete', 'restore' or 'invite'. `p_match` and `p_none_match` hold the versions that the current one must, or must
-- not, be among; NULL allows any. The last owner goes only where `p_is_forced` says so. `p_ttl_days` is how long an
-- invitation holds.
--
-- `status`: changed, unchanged; no-such-user, of-another-organization, forbidden; precondition-failed; is-caller,
-- last-owner, not-deleted, email-taken, already-validated; too-many-invitations with the seconds to wait in
-- `retry_after`. `version` is the current one afterwards; of one that the preconditions do not allow, `made_at` and
-- `made_by` say when it was made and by whom, where that is known. `member` is what member_shown makes of a user who
-- was, or need not be, changed, and `previous_role` the role that they had before.
create or replace function member_change(
  p_organization_id uuid, p_caller_type text, p_caller_id varchar, p_user_id varchar, p_kind text, p_argument jsonb,
  p_match bigint[], p_none_match bigint[], p_is_forced boolean, p_ttl_days integer, p_request_id varchar,
  p_reason varchar,
  out status text, out version bigint, out member jsonb, out previous_role smallint, out retry_after integer,
  out made_at text, out made_by varchar
)
language plpgsql volatile security definer set search_path from current as $function$
declare
  patience constant interval := current_setting('lock_timeout');
  is_caller constant boolean := p_caller_type = 'member' and p_caller_id = p_user_id;
  authority smallint := member_authority(p_organization_id, p_caller_type, p_caller_id);
  member_of uuid;
  before users;
  after users;
  next_role smallint;
  operation text := p_kind;
  patch jsonb := '[]';
  last_invited_at timestamptz;
begin
  -- A first look, without locks: nobody holds up those of another organization.
  if authority is null or (authority < 2 and not is_caller) then
    status := 'forbidden';
    return;
  end if;
  if is_caller and p_kind = 'delete' then
    status := 'is-caller';
    return;
  end if;
  select u.organization_id into member_of from users u where u.id = p_user_id;
  if not found or (member_of is null and p_caller_type <> 'operator') then
    status := 'no-such-user';
    return;
  end if;
  if member_of <> p_organization_id then
    status := 'of-another-organization';
    return;
  end if;

  select u.* into before from users u where u.id = p_user_id for no key update;
  if before.id is null or before.organization_id is distinct from member_of then
    status := 'no-such-user';
    return;
  end if;
  perform shorten_lock_timeout(patience);
  perform from organizations o where o.id = member_of for no key update;
  authority := member_authority(p_organization_id, p_caller_type, p_caller_id);
  select m.role into previous_role from members m where m.organization_id = member_of and m.user_id = p_user_id;
  next_role := coalesce((p_argument ->> 'role')::smallint, previous_role);
  if authority is null
    or not (
      may_manage_role(authority, coalesce(previous_role, 0)) and may_manage_role(authority, coalesce(next_role, 0))
      or is_caller and p_kind = 'update' and next_role <= previous_role) then
    status := 'forbidden';
    return;
  end if;
  if before.deleted_at is not null and p_kind in ('update', 'invite') then
    status := 'no-such-user';
    return;
  end if;
  version := before.version;
  if not version = any (p_match) or version = any (p_none_match) then
    status := 'precondition-failed';
    select iso_time(c.at), c.actor_id into made_at, made_by from user_changes c
      where c.user_id = p_user_id and c.context = 3 and c.version = before.version;
    return;
  end if;

  -- take_email waits, too.
  perform shorten_lock_timeout(patience);
  after := before;
  if p_kind = 'update' then
    after.name := coalesce(p_argument ->> 'name', before.name);
    after.last_name := case when p_argument ? 'last_name' then p_argument ->> 'last_name' else before.last_name end;
    if after.name <> before.name then
      patch := patch || jsonb_build_object('op', 'replace', 'path', '/name', 'value', after.name);
    end if;
    if after.last_name is distinct from before.last_name then
      patch := patch || jsonb_build_object('op', 'replace', 'path', '/lastName', 'value', after.last_name);
    end if;
    operation := case when patch = '[]' then 'set-role' else 'update' end;
    if next_role <> previous_role then
      patch := patch || jsonb_build_object('op', 'replace', 'path', '/role', 'value', role_name(next_role));
    end if;
  elsif p_kind = 'delete' then
    if before.deleted_at is null then
      after.deleted_at := date_trunc('milliseconds', clock_timestamp());
      patch := jsonb_build_array(
        jsonb_build_object('op', 'replace', 'path', '/deletedAt', 'value', iso_time(after.deleted_at)));
    end if;
  elsif p_kind = 'restore' then
    if before.deleted_at is null then
      status := 'not-deleted';
      return;
    end if;
    if not take_email(before.email, p_user_id, p_ttl_days) then
      status := 'email-taken';
      return;
    end if;
    after.deleted_at := null;
    patch := '[{"op": "replace", "path": "/deletedAt", "value": null}]';
  else
    if before.validated then
      status := 'already-validated';
      return;
    end if;
    -- Whoever had this email before: it is the same mailbox.
    select max(u.invited_at) into last_invited_at from users u where u.email = before.email;
    retry_after := invitation_wait(member_of, last_invited_at);
    if retry_after is not null then
      status := 'too-many-invitations';
      return;
    end if;
    if not take_email(before.email, p_user_id, p_ttl_days) then
      status := 'email-taken';
      return;
    end if;
    after.invited_at := now();
    patch := '[{"op": "add", "path": "/invited", "value": true}]';
    perform keep_invitation(member_of, p_user_id, p_caller_type, p_caller_id);
  end if;

  if previous_role = 255 and (next_role < 255 or after.deleted_at is not null) and before.deleted_at is null
    and not p_is_forced then
    perform from members m
      where m.organization_id = member_of and m.role = 255 and m.deleted_at is null and m.user_id <> p_user_id;
    if not found then
      status := 'last-owner';
      return;
    end if;
  end if;

  if patch = '[]' then
    status := 'unchanged';
    member := member_shown(before, previous_role);
    return;
  end if;
  status := 'changed';
  version := before.version + 1;
  after.version := version;
  update users u
    set name = after.name, last_name = after.last_name, deleted_at = after.deleted_at, invited_at = after.invited_at,
      version = after.version
    where u.id = p_user_id;
  update members m set role = next_role, deleted_at = after.deleted_at
    where m.organization_id = member_of and m.user_id = p_user_id;
  member := member_shown(after, next_role);
  perform keep_user_change(
    p_user_id, member_of, version, operation, patch, p_caller_type, p_caller_id, p_request_id, p_reason);
end
$function$;
