-- The same as organization_impact_asked_2, for instances of the release before: it waits for a lock 2 s at most.
create or replace function organization_impact_asked(
  p_organization_id uuid, p_caller_type text, p_caller_id varchar, p_document text, p_request_id varchar,
  p_reason varchar
)
returns text
language plpgsql volatile security definer set search_path from current as $function$
begin
  return organization_impact_asked_2(
    p_organization_id, p_caller_type, p_caller_id, p_document, p_request_id, p_reason, 2000);
end
$function$;
