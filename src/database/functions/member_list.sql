-- The users of an organization, by email and id, for callers who may read about its members; of those behind
-- `p_after_email` and `p_after_id`, where these are given, the first `p_limit`.
--
-- `status`: found; forbidden, not-a-member. `total` is how many there are in all, and `members` an array of what
-- member_shown makes of each.
create or replace function member_list(
  p_organization_id uuid, p_caller_type text, p_caller_id varchar, p_shows_deleted boolean, p_after_email varchar,
  p_after_id varchar, p_limit integer,
  out status text, out total bigint, out members jsonb
)
language plpgsql stable security definer set search_path from current as $function$
begin
  status := organization_access(p_organization_id, p_caller_type, p_caller_id, '{members:read}');
  if status <> 'granted' then
    return;
  end if;
  status := 'found';
  select count(*) into total from users u
    where u.organization_id = p_organization_id and (p_shows_deleted or u.deleted_at is null);
  select coalesce(jsonb_agg(member_shown(p.listed, m.role) order by (p.listed).email, (p.listed).id), '[]') into members
    from (
      select u as listed from users u
      where u.organization_id = p_organization_id and (p_shows_deleted or u.deleted_at is null)
        and (p_after_email is null or (u.email, u.id) > (p_after_email, p_after_id))
      order by u.email, u.id limit p_limit
    ) p
    left join members m on m.organization_id = p_organization_id and m.user_id = (p.listed).id;
end
$function$;
