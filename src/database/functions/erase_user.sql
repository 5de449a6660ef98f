-- Erases a user for good: name, email, subject, membership, invitations, settings, history and marks. What they changed
-- elsewhere stays changed, without their id and their reasons. The user must be soft-deleted. Returns whether there was
-- such a user.
--
-- It locks what their changes lock, in this order: the user, the documents of the organizations that they changed or
-- belong to, their own settings. So a change of theirs that waits is refused afterwards, and nothing about a person is
-- stored after their erasure.
create or replace function erase_user(p_user_id varchar) returns boolean
language plpgsql volatile security definer set search_path from current as $function$
declare
  organizations_of_user uuid[];
  organization uuid;
begin
  perform from users u where u.id = p_user_id and u.deleted_at is not null for update;
  if not found then
    return false;
  end if;
  -- A distributed database locks rows of one owner in a statement, not those of many.
  select array_agg(o.id order by o.id) into organizations_of_user
    from (
      select c.organization_id as id from organization_changes c where c.actor_id = p_user_id
      union select m.organization_id from members m where m.user_id = p_user_id
    ) o;
  foreach organization in array coalesce(organizations_of_user, '{}') loop
    perform from organizations o where o.id = organization for update;
  end loop;
  foreach organization in array coalesce(organizations_of_user, '{}') loop
    perform from organization_settings s where s.organization_id = organization for update;
  end loop;
  foreach organization in array coalesce(organizations_of_user, '{}') loop
    perform from organization_documents d where d.organization_id = organization order by d.kind for update;
  end loop;
  perform from user_settings s where s.user_id = p_user_id for update;

  update organization_changes c set actor_id = null, reason = null where c.actor_id = p_user_id;
  update user_changes c set actor_id = null, reason = null where c.actor_id = p_user_id and c.user_id <> p_user_id;
  delete from event_reads r where r.event_id in (select c.id from user_changes c where c.user_id = p_user_id);
  delete from event_reads r where r.user_id = p_user_id;
  delete from user_changes c where c.user_id = p_user_id;
  delete from users_to_thin t where t.user_id = p_user_id;
  delete from user_settings s where s.user_id = p_user_id;
  delete from members m where m.user_id = p_user_id;
  delete from invitations i where i.user_id = p_user_id;
  update invitations i set inviter_id = null where i.inviter_id = p_user_id and i.inviter_type = 'member';
  delete from user_subjects s where s.user_id = p_user_id;
  delete from user_emails e where e.user_id = p_user_id;
  delete from users u where u.id = p_user_id;
  return true;
end
$function$;
