-- A user of the caller's organization, for callers who have all of these rights there.
--
-- `status`: found; no-such-user, of-another-organization, forbidden, not-a-member. `version`, `member`, what
-- member_shown makes of the user, and `may_change`, whether the caller may change them at all, are of a found one.
create or replace function member_get(
  p_organization_id uuid, p_caller_type text, p_caller_id varchar, p_user_id varchar, p_rights text[],
  out status text, out version bigint, out member jsonb, out may_change boolean
)
language plpgsql stable security definer set search_path from current as $function$
declare
  found_user users;
  member_role smallint;
begin
  status := organization_access(p_organization_id, p_caller_type, p_caller_id, p_rights);
  if status <> 'granted' then
    return;
  end if;
  select u.* into found_user from users u where u.id = p_user_id;
  if found_user.organization_id is null then
    status := 'no-such-user';
  elsif found_user.organization_id <> p_organization_id then
    status := 'of-another-organization';
  else
    select m.role into member_role from members m
      where m.organization_id = p_organization_id and m.user_id = p_user_id;
    status := 'found';
    version := found_user.version;
    member := member_shown(found_user, member_role);
    may_change := p_caller_type = 'member' and p_caller_id = p_user_id
      or coalesce(
        may_manage_role(member_authority(p_organization_id, p_caller_type, p_caller_id), member_role), false);
  end if;
end
$function$;
