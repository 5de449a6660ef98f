-- Whether a caller has all of these rights in an organization: 'granted', 'forbidden' for one of its own who lacks a
-- right, and 'not-a-member' for a stranger, or where the organization does not exist or is deleted. Or, where
-- is_system(p_organization_id), in the whole deployment: there are the rights system:read and system:write, of service
-- accounts of all organizations, and of operators.
--
-- `p_caller_type` is 'member', 'service' or 'operator'. Rights are named as the scopes of service accounts. Those of a
-- member follow from the role: all may read, WORKSPACES (2) and above may also read about other members, ADMINISTRATOR
-- (254) and OWNER (255) may write. member_authority says who may change members. Volatile, so that it sees what was
-- committed while its caller waited for a lock.
create or replace function organization_access(
  p_organization_id uuid, p_caller_type text, p_caller_id varchar, p_rights text[]
) returns text
language plpgsql volatile as $function$
declare
  granted text[];
begin
  if is_system(p_organization_id) then
    if p_caller_type = 'operator' then
      return 'granted';
    end if;
    perform from service_accounts s
      where s.id = p_caller_id and s.deleted_at is null and s.organization_id is null and s.scopes @> p_rights
        and p_rights <@ '{system:read,system:write}';
    return case when found then 'granted' else 'forbidden' end;
  end if;
  perform from organizations o where o.id = p_organization_id and o.deleted_at is null;
  if not found then
    return 'not-a-member';
  end if;
  if p_caller_type = 'member' then
    select case
        when m.role in (254, 255) then
          '{settings:read,settings:write,organization:read,organization:write,members:read}'
        when m.role = 2 then '{settings:read,organization:read,members:read}'
        else '{settings:read,organization:read}'
      end
      into granted from members m
      where m.organization_id = p_organization_id and m.user_id = p_caller_id and m.deleted_at is null;
  else
    select s.scopes into granted from service_accounts s
      where s.id = p_caller_id and s.deleted_at is null
        and coalesce(s.organization_id, p_organization_id) = p_organization_id;
  end if;
  return case when granted is null then 'not-a-member' when granted @> p_rights then 'granted' else 'forbidden' end;
end
$function$;
