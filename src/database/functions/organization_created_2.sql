-- Keeps in the history that an operator made an organization, with their name and reason, and its first profile whole:
-- it is version 0.
create or replace function organization_created_2(p_organization_id uuid, p_operator varchar, p_reason varchar)
returns void
language plpgsql volatile security definer set search_path from current as $function$
declare
  created organizations;
begin
  select o.* into created from organizations o where o.id = p_organization_id;
  insert into organization_changes (
      organization_id, context, version, id, at, operation, patch, snapshot, operator, reason
    )
    values (
      p_organization_id, change_context('ORGANIZATION'), 0,
      change_id_of(now(), change_context('ORGANIZATION'), p_organization_id::text, 0),
      date_trunc('milliseconds', now()), 'create', '[]', organization_profile_2(created), p_operator, p_reason
    );
end
$function$;
