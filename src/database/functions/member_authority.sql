-- The role with which a caller changes members of an organization: a member's own, OWNER (255) for an operator, and
-- ADMINISTRATOR (254) for a service account with the scope members:write. NULL for a caller who may not, and where the
-- organization does not exist or is deleted. Volatile, so that it sees what was committed while its caller waited for a
-- lock.
create or replace function member_authority(p_organization_id uuid, p_caller_type text, p_caller_id varchar)
returns smallint
language plpgsql volatile as $function$
declare
  authority smallint;
begin
  if p_caller_type = 'operator' then
    return 255;
  end if;
  perform from organizations o where o.id = p_organization_id and o.deleted_at is null;
  if not found then
    return null;
  end if;
  if p_caller_type = 'member' then
    select m.role into authority from members m
      where m.organization_id = p_organization_id and m.user_id = p_caller_id and m.deleted_at is null;
  else
    select 254 into authority from service_accounts s
      where s.id = p_caller_id and s.deleted_at is null and s.scopes @> '{members:write}'
        and coalesce(s.organization_id, p_organization_id) = p_organization_id;
  end if;
  return authority;
end
$function$;
