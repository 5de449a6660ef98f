-- The settings and the policy of an organization, or of the system, as they were at a time, to the millisecond: two
-- rows, in this order, each as organization_version_as_of has it, with the time at which that version was made. Those
-- of the system take part in what every member may read, so they need no right of their own.
create or replace function organization_layers_as_of(
  p_organization_id uuid, p_caller_type text, p_caller_id varchar, p_at timestamptz
) returns table (status text, version bigint, made_at text, document text)
language plpgsql stable security definer set search_path from current as $function$
declare
  is_of_system constant boolean := is_system(p_organization_id);
  of_context integer;
begin
  foreach of_context in array case when is_of_system then '{101,102}'::integer[] else '{8,100}'::integer[] end loop
    select v.status, v.version, v.document into status, version, document
      from organization_version_as_of(
        p_organization_id, case when is_of_system then 'operator' else p_caller_type end, p_caller_id, of_context,
        case when is_of_system then 'system:read' else 'settings:read' end, p_at) v;
    select iso_time(c.at) into made_at from organization_changes c
      where c.organization_id = p_organization_id and c.context = of_context
        and c.version = organization_layers_as_of.version;
    return next;
  end loop;
end
$function$;
