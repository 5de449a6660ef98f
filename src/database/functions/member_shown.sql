-- A user as the API shows them to those who may see them, made of their row and their role.
create or replace function member_shown(p_user users, p_role integer) returns jsonb
language sql stable parallel safe as $function$
  select jsonb_build_object(
    'id', p_user.id, 'email', p_user.email, 'name', p_user.name, 'lastName', p_user.last_name,
    'orgId', p_user.organization_id, 'orgRole', p_role, 'validated', p_user.validated,
    'deletedAt', iso_time(p_user.deleted_at))
$function$;
