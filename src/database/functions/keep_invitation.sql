-- Keeps an invitation of a user, to be delivered at once. Its caller holds the lock of the organization's row.
create or replace function keep_invitation(
  p_organization_id uuid, p_user_id varchar, p_caller_type text, p_caller_id varchar
)
returns void
language plpgsql volatile as $function$
begin
  insert into invitations (organization_id, id, user_id, inviter_type, inviter_id, invited_at, next_attempt_at)
    values (p_organization_id, gen_random_uuid(), p_user_id, p_caller_type, p_caller_id, now(), now());
end
$function$;
