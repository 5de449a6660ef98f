-- Changes the settings of an organization on behalf of a member or a service account.
--
-- It locks the document's row, checks the caller's right by what is committed then, checks the preconditions, makes the
-- next document of the latest one, and stores it with its row in the history. So no two callers lose each other's
-- change, and nobody changes anything whose right was withdrawn while they waited.
--
-- `p_kind` is 'restore' with the number of a version in `p_argument`, or one of those that settings_apply describes,
-- with JSON. `p_match` and `p_none_match` hold the versions that the current one must, or must not, be among; NULL
-- allows any. A dry run locks and stores nothing.
--
-- With `p_max_batched_bytes` other callers may share the statement: then it does not wait for the document's row, makes
-- no first row, and leaves documents alone that take more bytes as stored. Calls that share a statement run one after
-- the other: the second on one document finds what the first made, and PostgreSQL then locks the row that the document
-- refers to. For each lock it waits at most `p_max_wait_ms` (NULL: as long as the session allows), and then raises
-- SQLSTATE 55P03.
--
-- Where policies are in force that bind the document, a result is stored once it was judged by them, which only the
-- service can do, unless all that they do is lock settings that the change does not touch. Of an organization's
-- settings that is the system's policy alone. `status` is 'unjudged' where that is to be done: `settings` and `earlier`
-- are the texts of the document after and before the change, and `basis` is what the call is to be repeated with as
-- `p_judged`: the document's version and, of each policy, whose it is and its version. As long as these are the current
-- ones the result is the same; else it is 'unjudged' again. Where no policy binds the document, `basis` is NULL, and
-- one look at an index says so.
--
-- Other values of `status`: changed, unchanged, dry-run; not-a-member, forbidden; precondition-failed; no-such-version,
-- thinned, conflict, too-deep, too-large; locked (another transaction has the row) or heavy for what a shared statement
-- leaves alone. `version` is the current one afterwards; where a precondition failed, `author` and `at` say who made it
-- and when, if the caller may read. `settings` and `patch` are texts of a dry run, which has `earlier` and `basis`,
-- too, where there is something to judge.
--
-- A change that fills `p_history_max_bytes` with contents of the organization's versions, or a further 64th of them,
-- puts the organization on the list organizations_to_thin.
create or replace function organization_settings_change_3(
  p_organization_id uuid, p_caller_type text, p_caller_id varchar,
  p_kind text, p_argument text, p_leaves text[], p_max_bytes integer, p_max_depth integer,
  p_match bigint[], p_none_match bigint[], p_request_id varchar, p_reason varchar, p_is_dry_run boolean,
  p_max_batched_bytes integer, p_history_max_bytes bigint, p_max_wait_ms integer, p_judged text,
  out status text, out version bigint, out bytes integer, out detail text, out settings text, out patch text,
  out author varchar, out at text, out earlier text, out basis text
)
language plpgsql volatile security definer set search_path from current as $function$
declare
  lock_timeout constant text :=
    case when p_max_wait_ms is not null then set_config('lock_timeout', p_max_wait_ms::text, true) end;
  before organization_settings;
  -- The reply to a dry run shows the document.
  needed constant text[] := case when p_is_dry_run then '{settings:write,settings:read}' else '{settings:write}' end;
  argument jsonb;
  after record;
  -- Whether it takes a judgement by policies.
  is_bound boolean;
  changed_at timestamptz;
  is_in_history boolean;
  content_bytes bigint;
begin
  if p_is_dry_run then
    select s.* into before from organization_settings s where s.organization_id = p_organization_id;
  elsif p_max_batched_bytes is not null then
    select s.* into before from organization_settings s
      where s.organization_id = p_organization_id and pg_column_size(s.settings) <= p_max_batched_bytes
      for update skip locked;
    if not found then
      select case when pg_column_size(s.settings) > p_max_batched_bytes then 'heavy' else 'locked' end into status
        from organization_settings s where s.organization_id = p_organization_id;
      -- No row yet: the call runs alone, and makes it.
      status := coalesce(status, 'locked');
      return;
    end if;
  else
    select s.* into before from organization_settings s where s.organization_id = p_organization_id for update;
  end if;

  if before.version is null then
    if not p_is_dry_run
      and organization_access(p_organization_id, p_caller_type, p_caller_id, needed) = 'granted' then
      insert into organization_settings (organization_id) values (p_organization_id) on conflict do nothing;
      select s.* into before from organization_settings s where s.organization_id = p_organization_id for update;
    else
      -- A document that nobody wrote yet is empty, in version 0.
      before.version := 0;
      before.settings := '{}';
    end if;
  end if;

  status := organization_access(p_organization_id, p_caller_type, p_caller_id, needed);
  if status <> 'granted' then
    return;
  end if;

  version := before.version;
  -- A comparison with an array that is NULL is NULL, and so no reason to refuse.
  if not version = any (p_match) or version = any (p_none_match) then
    status := 'precondition-failed';
    if organization_access(p_organization_id, p_caller_type, p_caller_id, '{settings:read}') = 'granted' then
      select c.actor_id, iso_time(c.at) into author, at from organization_changes c
        where c.organization_id = p_organization_id and c.context = change_context('ORGANIZATION_SETTINGS')
          and c.version = before.version;
    end if;
    return;
  end if;

  -- False where the history begins later than the document: then a baseline row goes before this change's.
  is_in_history := before.history_version = before.version;
  if p_kind = 'restore' then
    argument := organization_document_at(
      p_organization_id, change_context('ORGANIZATION_SETTINGS'), p_argument::bigint);
    if argument is null or p_argument::bigint = 0 then
      perform from organization_changes c
        where c.organization_id = p_organization_id and c.context = change_context('ORGANIZATION_SETTINGS')
          and c.version = p_argument::bigint and c.thinned_operations is not null;
      status := case when found then 'thinned' else 'no-such-version' end;
      return;
    end if;
  else
    argument := p_argument::jsonb;
  end if;
  after := settings_apply(
    case p_kind when 'restore' then 'replace' else p_kind end, before.settings, argument, p_leaves, p_max_bytes,
    p_max_depth, case when is_in_history then before.operations_since_snapshot else 0 end);
  status := after.status;
  if status <> 'changed' and not (status = 'unchanged' and p_is_dry_run) then
    bytes := after.bytes;
    detail := after.detail;
    return;
  end if;

  select before.version || ' ' || f.organization_id || ':' || f.version,
      coalesce(settings_touches(after.patch, f.locks), true)
    into basis, is_bound
    from policies_in_force f where f.organization_id = system_id();
  if p_is_dry_run or is_bound and basis <> coalesce(p_judged, '') then
    status := case when p_is_dry_run then 'dry-run' else 'unjudged' end;
    patch := case when p_is_dry_run then after.patch end;
    settings := after.next;
    earlier := case when basis is not null then before.settings end;
    return;
  end if;

  changed_at := date_trunc('milliseconds', greatest(clock_timestamp(), before.updated_at));
  version := before.version + 1;
  content_bytes := before.history_bytes + pg_column_size(after.patch)
    + case when after.operations = 0 then pg_column_size(after.next) else 0 end
    + case when is_in_history then 0 else pg_column_size(before.settings) end;
  update organization_settings s
    set settings = after.next, version = before.version + 1, updated_at = changed_at,
      history_version = before.version + 1, operations_since_snapshot = after.operations,
      history_bytes = content_bytes
    where s.organization_id = p_organization_id;
  if not is_in_history then
    insert into organization_changes (organization_id, context, version, id, at, operation, patch, snapshot)
      values (
        p_organization_id, change_context('ORGANIZATION_SETTINGS'), before.version,
        change_id_of(
          before.updated_at, change_context('ORGANIZATION_SETTINGS'), p_organization_id::text, before.version),
        date_trunc('milliseconds', before.updated_at), 'baseline', '[]', before.settings
      )
      on conflict do nothing;
  end if;
  insert into organization_changes (
      organization_id, context, version, id, at, operation, actor_id, patch, snapshot, request_id, reason
    )
    values (
      p_organization_id, change_context('ORGANIZATION_SETTINGS'), version,
      change_id_of(changed_at, change_context('ORGANIZATION_SETTINGS'), p_organization_id::text, version), changed_at,
      p_kind, p_caller_id, after.patch, case when after.operations = 0 then after.next end, p_request_id, p_reason
    );
  -- Looked at each time when another 64th of the quota is full: most changes need not look at other documents.
  if content_bytes * 64 / p_history_max_bytes > before.history_bytes * 64 / p_history_max_bytes
    and organization_history_bytes(p_organization_id) > p_history_max_bytes then
    insert into organizations_to_thin (organization_id) values (p_organization_id) on conflict do nothing;
  end if;
end
$function$;
