-- Changes the profile of an organization on behalf of a member or a service account.
--
-- It locks the organization's row, checks the caller's right by what is committed then, checks the preconditions, and
-- stores the change with its row in the history, which keeps each version of a profile whole: profiles are small.
-- `p_kind` is 'update' with a JSON object of the columns to set, NULL where one is to be cleared, or 'restore' with the
-- number of a version. `p_match` and `p_none_match` hold the versions that the current one must, or must not, be among;
-- NULL allows any. With `p_is_batched` other callers may share the statement: then it does not wait for the row. For
-- each lock it waits at most `p_max_wait_ms` (NULL: as long as the session allows), and then raises SQLSTATE 55P03.
--
-- `status`: changed, unchanged; no-such-organization, forbidden; precondition-failed; no-such-version, thinned; locked
-- (another transaction has the row) for what a shared statement leaves alone. `version` is the current one afterwards;
-- where a precondition failed, `author` and `at` say who made it and when, if the caller may read. `profile` is text,
-- of changed and unchanged.
--
-- A change that fills `p_history_max_bytes` with contents of the organization's versions, or a further 64th of them,
-- puts the organization on the list organizations_to_thin.
create or replace function organization_change_3(
  p_organization_id uuid, p_caller_type text, p_caller_id varchar, p_kind text, p_argument text,
  p_match bigint[], p_none_match bigint[], p_request_id varchar, p_reason varchar, p_is_batched boolean,
  p_history_max_bytes bigint, p_max_wait_ms integer,
  out status text, out version bigint, out profile text, out author varchar, out at text
)
language plpgsql volatile security definer set search_path from current as $function$
declare
  lock_timeout constant text :=
    case when p_max_wait_ms is not null then set_config('lock_timeout', p_max_wait_ms::text, true) end;
  before organizations;
  after organizations;
  columns jsonb;
  next_profile jsonb;
  patch jsonb;
  content_bytes bigint;
begin
  if p_is_batched then
    select o.* into before from organizations o where o.id = p_organization_id for no key update skip locked;
    if not found then
      status := 'locked';
      return;
    end if;
  else
    select o.* into before from organizations o where o.id = p_organization_id for no key update;
  end if;
  if before.id is null or before.deleted_at is not null then
    status := 'no-such-organization';
    return;
  end if;
  if organization_access(p_organization_id, p_caller_type, p_caller_id, '{organization:write}') <> 'granted' then
    status := 'forbidden';
    return;
  end if;

  version := before.version;
  if not version = any (p_match) or version = any (p_none_match) then
    status := 'precondition-failed';
    if organization_access(p_organization_id, p_caller_type, p_caller_id, '{organization:read}') = 'granted' then
      select c.actor_id, iso_time(c.at) into author, at from organization_changes c
        where c.organization_id = p_organization_id and c.context = change_context('ORGANIZATION')
          and c.version = before.version;
    end if;
    return;
  end if;

  if p_kind = 'restore' then
    columns := organization_columns(
      organization_document_at(p_organization_id, change_context('ORGANIZATION'), p_argument::bigint));
    if columns is null then
      perform from organization_changes c
        where c.organization_id = p_organization_id and c.context = change_context('ORGANIZATION')
          and c.version = p_argument::bigint and c.thinned_operations is not null;
      status := case when found then 'thinned' else 'no-such-version' end;
      return;
    end if;
  else
    columns := p_argument::jsonb;
  end if;
  after := jsonb_populate_record(before, columns);
  next_profile := organization_profile_2(after);
  -- The operations that settings_diff would return, in another order. To call it would take a quarter of the change.
  patch := to_jsonb(array_remove(array[
    case when after.name is distinct from before.name
      then jsonb_build_object('op', 'replace', 'path', '/name', 'value', after.name) end,
    case when after.address1 is distinct from before.address1
      then jsonb_build_object('op', 'replace', 'path', '/address1', 'value', after.address1) end,
    case when after.address2 is distinct from before.address2
      then jsonb_build_object('op', 'replace', 'path', '/address2', 'value', after.address2) end,
    case when after.city is distinct from before.city
      then jsonb_build_object('op', 'replace', 'path', '/city', 'value', after.city) end,
    case when after.zipcode is distinct from before.zipcode
      then jsonb_build_object('op', 'replace', 'path', '/zipcode', 'value', after.zipcode) end,
    case when after.phone is distinct from before.phone
      then jsonb_build_object('op', 'replace', 'path', '/phone', 'value', after.phone) end,
    case when after.state is distinct from before.state
      then jsonb_build_object('op', 'replace', 'path', '/state', 'value', after.state) end,
    case when after.country is distinct from before.country
      then jsonb_build_object('op', 'replace', 'path', '/country', 'value', after.country) end,
    case when after.is_business is distinct from before.is_business
      then jsonb_build_object('op', 'replace', 'path', '/is_business', 'value', after.is_business) end,
    case when after.mfa_enforced is distinct from before.mfa_enforced
      then jsonb_build_object('op', 'replace', 'path', '/mfaEnforced', 'value', after.mfa_enforced) end
  ], null));
  profile := next_profile;
  if patch = '[]' then
    status := 'unchanged';
    return;
  end if;

  status := 'changed';
  version := before.version + 1;
  content_bytes := before.history_bytes + pg_column_size(patch) + pg_column_size(next_profile);
  after.updated_at := date_trunc('milliseconds', greatest(clock_timestamp(), before.updated_at));
  update organizations o
    set name = after.name, address1 = after.address1, address2 = after.address2, city = after.city,
      zipcode = after.zipcode, phone = after.phone, state = after.state, country = after.country,
      is_business = after.is_business, mfa_enforced = after.mfa_enforced,
      version = before.version + 1, updated_at = after.updated_at, history_bytes = content_bytes
    where o.id = p_organization_id;
  -- An organization that nobody made through `organization_created`, or a version of an instance of an older release.
  perform from organization_changes c
    where c.organization_id = p_organization_id and c.context = change_context('ORGANIZATION')
      and c.version = before.version and c.snapshot is not null;
  if not found then
    update organization_changes c set snapshot = organization_profile_2(before)
      where c.organization_id = p_organization_id and c.context = change_context('ORGANIZATION')
        and c.version = before.version;
    if not found then
      insert into organization_changes (organization_id, context, version, id, at, operation, patch, snapshot)
        values (
          p_organization_id, change_context('ORGANIZATION'), before.version,
          change_id_of(before.updated_at, change_context('ORGANIZATION'), p_organization_id::text, before.version),
          date_trunc('milliseconds', before.updated_at), 'baseline', '[]', organization_profile_2(before)
        );
    end if;
  end if;
  insert into organization_changes (
      organization_id, context, version, id, at, operation, actor_id, patch, snapshot, request_id, reason
    )
    values (
      p_organization_id, change_context('ORGANIZATION'), before.version + 1,
      change_id_of(after.updated_at, change_context('ORGANIZATION'), p_organization_id::text, before.version + 1),
      after.updated_at, p_kind, p_caller_id, patch, next_profile, p_request_id, p_reason
    );
  -- Looked at each time when another 64th of the quota is full: most changes need not look at other documents.
  if content_bytes * 64 / p_history_max_bytes > before.history_bytes * 64 / p_history_max_bytes
    and organization_history_bytes(p_organization_id) > p_history_max_bytes then
    insert into organizations_to_thin (organization_id) values (p_organization_id) on conflict do nothing;
  end if;
end
$function$;
