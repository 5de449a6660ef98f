-- Keeps in the history that somebody asked whom a change of the document `p_document` would touch: as the next change
-- in the context 104 of the organization, or of the system for the system's documents. The caller needs the rights of
-- a dry run. It waits for a lock at most `p_max_wait_ms`, and then raises SQLSTATE 55P03. Returns granted;
-- not-a-member, forbidden.
create or replace function organization_impact_asked_2(
  p_organization_id uuid, p_caller_type text, p_caller_id varchar, p_document text, p_request_id varchar,
  p_reason varchar, p_max_wait_ms integer
)
returns text
language plpgsql volatile security definer set search_path from current as $function$
declare
  area constant text := case when is_system(p_organization_id) then 'system' else 'settings' end;
  access text;
  asked_at timestamptz;
  next_version bigint;
begin
  perform set_config('lock_timeout', p_max_wait_ms::text, true);
  -- erase_user locks the row: nothing names somebody who was erased meanwhile.
  perform from organizations o where o.id = p_organization_id for key share;
  access := organization_access(
    p_organization_id, p_caller_type, p_caller_id, array[area || ':write', area || ':read']);
  if access <> 'granted' then
    return access;
  end if;
  loop
    select coalesce(max(c.version), 0) + 1 into next_version from organization_changes c
      where c.organization_id = p_organization_id and c.context = change_context('IMPACT');
    asked_at := date_trunc('milliseconds', clock_timestamp());
    insert into organization_changes (
        organization_id, context, version, id, at, operation, actor_id, patch, request_id, reason
      )
      values (
        p_organization_id, change_context('IMPACT'), next_version,
        change_id_of(asked_at, change_context('IMPACT'), p_organization_id::text, next_version), asked_at,
        'create', p_caller_id,
        jsonb_build_array(jsonb_build_object('op', 'add', 'path', '/document', 'value', p_document)),
        p_request_id, p_reason
      )
      on conflict do nothing;
    -- Another request has just taken the number.
    exit when found;
  end loop;
  return access;
end
$function$;
