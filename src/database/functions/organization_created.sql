-- Keeps in the history that an organization was made, for instances of the release before organization_created_2.
create or replace function organization_created(p_organization_id uuid) returns void
language plpgsql volatile security definer set search_path from current as $function$
begin
  perform organization_created_2(p_organization_id, null, null);
end
$function$;
