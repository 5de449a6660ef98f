-- Whether somebody with the first role may make, change, delete and activate members with the second one. An OWNER
-- (255) may for all, an ADMINISTRATOR (254) for all but owners, WORKSPACES (2) for those below, and nobody else.
create or replace function may_manage_role(p_authority integer, p_role integer) returns boolean
language sql immutable parallel safe as $function$
  select case p_authority when 255 then true when 254 then p_role <= 254 when 2 then p_role < 2 else false end
$function$;
