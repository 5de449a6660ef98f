-- Gives an email to a user, unless it belongs to another. A user who was never validated holds theirs only while they
-- are active, and for so many days since their last invitation, or else since they were made. Returns whether the user
-- has it now. Two who ask for one email at once wait for each other here.
create or replace function take_email(p_email varchar, p_user_id varchar, p_ttl_days integer) returns boolean
language plpgsql volatile as $function$
declare
  holder varchar;
begin
  loop
    insert into user_emails (email, user_id) values (p_email, p_user_id) on conflict (email) do nothing;
    if found then
      return true;
    end if;
    select e.user_id into holder from user_emails e where e.email = p_email for update;
    -- Given back since the first look, by an erasure for instance: then it is free.
    exit when found;
  end loop;
  if holder = p_user_id then
    return true;
  end if;
  perform from users u
    where u.id = holder
      and (u.validated
        or u.deleted_at is null
          and coalesce(u.invited_at, u.created_at) > now() - make_interval(days => p_ttl_days));
  if found then
    return false;
  end if;
  update user_emails e set user_id = p_user_id where e.email = p_email;
  return true;
end
$function$;
