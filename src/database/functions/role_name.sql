-- The name of a role, as the platform calls it.
create or replace function role_name(p_role integer) returns text
language sql immutable strict parallel safe as $function$
  select case p_role
    when 0 then 'USER' when 1 then 'BILLING' when 2 then 'WORKSPACES'
    when 254 then 'ADMINISTRATOR' when 255 then 'OWNER'
  end
$function$;
