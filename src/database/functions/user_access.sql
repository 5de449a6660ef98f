-- Whether a user may use what is theirs: 'granted', or 'no-such-user' for one that does not exist or is deleted.
-- Volatile, so that it sees what was committed while its caller waited for a lock.
create or replace function user_access(p_user_id varchar) returns text
language plpgsql volatile as $function$
begin
  perform from users u where u.id = p_user_id and u.deleted_at is null;
  return case when found then 'granted' else 'no-such-user' end;
end
$function$;
