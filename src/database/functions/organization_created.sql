-- Keeps in the history that an organization was made; its profile is in version 0 then.
create or replace function organization_created(p_organization_id uuid) returns void
language plpgsql volatile security definer set search_path from current as $function$
begin
  insert into organization_changes (organization_id, context, version, id, at, operation, patch)
    values (
      p_organization_id, 4, 0, change_id_of(now(), 4, p_organization_id::text, 0), date_trunc('milliseconds', now()),
      'create', '[]'
    );
end
$function$;
