-- Changes a document that shares its table with others: of an organization, on behalf of a member or a service account,
-- or of the system (is_system), on behalf of a service account or an operator, whose name is then `p_caller_id`.
-- `p_context` says which document: an organization's policy (100), the system's settings (101) or its policy (102).
--
-- It locks the document's row, checks the caller's right by what is committed then, checks the preconditions, makes the
-- next document of the latest one, and stores it with its row in the history. So no two callers lose each other's
-- change, and nobody changes anything whose right was withdrawn while they waited.
--
-- `p_kind` is 'restore' with the number of a version in `p_argument`, 'delete', which leaves an empty document, or one
-- of those that settings_apply describes, with JSON. `p_match` and `p_none_match` hold the versions that the current
-- one must, or must not, be among; NULL allows any. A dry run locks and stores nothing. It waits for locks at most
-- `p_max_wait_ms`, and then raises SQLSTATE 55P03.
--
-- A policy is stored once it was judged, which only the service can do. `status` is 'unjudged' where that is to be
-- done; `settings` is then the text of the document as it would be, and `basis` is what the call is to be repeated with
-- as `p_judged`: as long as the document is in this version, the result is the same.
--
-- Other values of `status`: changed, unchanged, dry-run; not-a-member, forbidden; precondition-failed; no-such-version,
-- thinned, conflict, too-deep, too-large. `version` is the current one afterwards; where a precondition failed,
-- `author` and `at` say who made it and when, if the caller may read. `settings` and `patch` are texts of a dry run.
--
-- A change that fills `p_history_max_bytes` with contents of the owner's versions, or a further 64th of them, puts the
-- owner on the list organizations_to_thin.
create or replace function organization_document_change(
  p_organization_id uuid, p_caller_type text, p_caller_id varchar, p_context integer,
  p_kind text, p_argument text, p_max_bytes integer, p_max_depth integer,
  p_match bigint[], p_none_match bigint[], p_request_id varchar, p_reason varchar, p_is_dry_run boolean,
  p_judged text, p_history_max_bytes bigint, p_max_wait_ms integer,
  out status text, out version bigint, out bytes integer, out detail text, out settings text, out patch text,
  out author varchar, out at text, out basis text
)
language plpgsql volatile security definer set search_path from current as $function$
declare
  is_of_system constant boolean := is_system(p_organization_id);
  is_policy constant boolean := p_context in (100, 102);
  area constant text := case when is_of_system then 'system' else 'settings' end;
  -- The reply to a dry run shows the document.
  needed constant text[] := array[area || ':write'] || case when p_is_dry_run then array[area || ':read'] end;
  before organization_documents;
  argument jsonb;
  locks text[];
  after record;
  changed_at timestamptz;
  is_in_history boolean;
begin
  perform set_config('lock_timeout', p_max_wait_ms::text, true) where p_max_wait_ms is not null;
  if organization_access(p_organization_id, p_caller_type, p_caller_id, needed) = 'granted' and not p_is_dry_run then
    -- The first row of a document; most are there already.
    if is_of_system then
      perform from system_documents d where d.kind = p_context for update;
      if not found then
        insert into system_documents (kind) values (p_context) on conflict do nothing;
        perform from system_documents d where d.kind = p_context for update;
      end if;
    else
      perform from organization_documents d
        where d.organization_id = p_organization_id and d.kind = p_context for update;
      if not found then
        insert into organization_documents (organization_id, kind) values (p_organization_id, p_context)
          on conflict do nothing;
        perform from organization_documents d
          where d.organization_id = p_organization_id and d.kind = p_context for update;
      end if;
    end if;
  end if;

  status := organization_access(p_organization_id, p_caller_type, p_caller_id, needed);
  if status <> 'granted' then
    return;
  end if;

  if is_of_system then
    select p_organization_id, d.* into before from system_documents d where d.kind = p_context;
  else
    select d.* into before from organization_documents d
      where d.organization_id = p_organization_id and d.kind = p_context;
  end if;
  -- A document that nobody wrote yet is empty, in version 0.
  version := coalesce(before.version, 0);
  before.document := coalesce(before.document, '{}');
  -- A comparison with an array that is NULL is NULL, and so no reason to refuse.
  if not version = any (p_match) or version = any (p_none_match) then
    status := 'precondition-failed';
    if organization_access(p_organization_id, p_caller_type, p_caller_id, array[area || ':read']) = 'granted' then
      select c.actor_id, iso_time(c.at) into author, at from organization_changes c
        where c.organization_id = p_organization_id and c.context = p_context
          and c.version = coalesce(before.version, 0);
    end if;
    return;
  end if;

  -- False where the history begins later than the document: then a baseline row goes before this change's.
  is_in_history := before.history_version = before.version;
  if p_kind = 'restore' then
    argument := organization_document_at(p_organization_id, p_context, p_argument::bigint);
    if argument is null or p_argument::bigint = 0 then
      perform from organization_changes c
        where c.organization_id = p_organization_id and c.context = p_context and c.version = p_argument::bigint
          and c.thinned_operations is not null;
      status := case when found then 'thinned' else 'no-such-version' end;
      return;
    end if;
  elsif p_kind = 'delete' then
    argument := '{}';
  else
    argument := p_argument::jsonb;
  end if;
  after := settings_apply(
    case when p_kind in ('restore', 'delete') then 'replace' else p_kind end, before.document, argument, null,
    p_max_bytes, p_max_depth, case when is_in_history then before.operations_since_snapshot else 0 end);
  status := after.status;
  bytes := after.bytes;
  detail := after.detail;
  if status not in ('changed', 'unchanged') then
    return;
  end if;

  basis := case when is_policy then version::text end;
  if p_is_dry_run then
    status := 'dry-run';
    patch := after.patch;
  elsif status = 'changed' and is_policy and basis is distinct from p_judged then
    status := 'unjudged';
  end if;
  if status in ('dry-run', 'unjudged') then
    settings := after.next;
  end if;
  if status <> 'changed' then
    return;
  end if;

  changed_at := date_trunc('milliseconds', greatest(clock_timestamp(), before.updated_at));
  version := before.version + 1;
  before.history_bytes := before.history_bytes + pg_column_size(after.patch)
    + case when after.operations = 0 then pg_column_size(after.next) else 0 end
    + case when is_in_history then 0 else pg_column_size(before.document) end;
  if is_of_system then
    update system_documents d
      set document = after.next, version = before.version + 1, updated_at = changed_at,
        history_version = before.version + 1, operations_since_snapshot = after.operations,
        history_bytes = before.history_bytes
      where d.kind = p_context;
  else
    update organization_documents d
      set document = after.next, version = before.version + 1, updated_at = changed_at,
        history_version = before.version + 1, operations_since_snapshot = after.operations,
        history_bytes = before.history_bytes
      where d.organization_id = p_organization_id and d.kind = p_context;
  end if;
  if is_policy then
    delete from policies_in_force f where f.organization_id = p_organization_id;
    if after.next <> '{}' then
      -- By a schema only the service can judge.
      locks := case when not after.next ? 'schema' then
        array(select jsonb_object_keys(coalesce(after.next -> 'locks', '{}'))) end;
      insert into policies_in_force (organization_id, version, locks)
        values (p_organization_id, before.version + 1, locks);
    end if;
  end if;
  if not is_in_history then
    insert into organization_changes (organization_id, context, version, id, at, operation, patch, snapshot)
      values (
        p_organization_id, p_context, before.version,
        change_id_of(before.updated_at, p_context, p_organization_id::text, before.version),
        date_trunc('milliseconds', before.updated_at), 'baseline', '[]', before.document
      )
      on conflict do nothing;
  end if;
  insert into organization_changes (
      organization_id, context, version, id, at, operation, actor_id, operator, patch, snapshot, request_id, reason
    )
    values (
      p_organization_id, p_context, before.version + 1,
      change_id_of(changed_at, p_context, p_organization_id::text, before.version + 1), changed_at, p_kind,
      case when p_caller_type <> 'operator' then p_caller_id end,
      case when p_caller_type = 'operator' then p_caller_id end,
      after.patch, case when after.operations = 0 then after.next end, p_request_id, p_reason
    );
  if organization_history_bytes(p_organization_id) > p_history_max_bytes then
    insert into organizations_to_thin (organization_id) values (p_organization_id) on conflict do nothing;
  end if;
end
$function$;
