-- Keeps in the history that an operator changed a user, for instances of the release before user_changed_2.
create or replace function user_changed(
  p_user_id varchar, p_organization_id uuid, p_operation varchar, p_patch jsonb
)
returns void
language plpgsql volatile security definer set search_path from current as $function$
begin
  perform user_changed_2(p_user_id, p_organization_id, p_operation, p_patch, null, null);
end
$function$;
