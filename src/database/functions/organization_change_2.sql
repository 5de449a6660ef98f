-- Changes the profile of an organization for instances of the release before organization_change_3, which see its
-- results as they know them.
create or replace function organization_change_2(
  p_organization_id uuid, p_caller_type text, p_caller_id varchar, p_kind text, p_argument text,
  p_match bigint[], p_none_match bigint[], p_request_id varchar, p_reason varchar, p_is_batched boolean,
  out status text, out version bigint, out profile text
)
language plpgsql volatile security definer set search_path from current as $function$
begin
  select case c.status when 'thinned' then 'no-such-version' else c.status end, c.version, c.profile
    into status, version, profile
    from organization_change_3(
      p_organization_id, p_caller_type, p_caller_id, p_kind, p_argument,
      p_match, p_none_match, p_request_id, p_reason, p_is_batched, null, null) c;
end
$function$;
