-- Changes the profile of an organization on behalf of a member or a service account.
--
-- It locks the organization's row, judges the caller by what is committed then, checks the preconditions, and stores
-- the change with its row in the history. `p_columns` is a JSON object of the columns to set, NULL where one is to be
-- cleared. `p_match` and `p_none_match` hold the versions that the current one must, or must not, be among; NULL allows
-- any. With `p_is_batched` other callers share the statement: then it waits for no lock.
--
-- `status`: changed, unchanged; no-such-organization, forbidden; precondition-failed; locked for what a shared
-- statement leaves alone. `version` is the current one afterwards; `profile` is text, of changed and unchanged.
create or replace function organization_change(
  p_organization_id uuid, p_caller_type text, p_caller_id varchar, p_columns text,
  p_match bigint[], p_none_match bigint[], p_request_id varchar, p_reason varchar, p_is_batched boolean,
  out status text, out version bigint, out profile text
)
language plpgsql volatile security definer set search_path from current as $function$
declare
  profile_context constant smallint := 4;
  before organizations;
  after organizations;
  patch jsonb;
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
    return;
  end if;

  after := jsonb_populate_record(before, p_columns::jsonb);
  patch := settings_diff(organization_profile(to_jsonb(before)), organization_profile(to_jsonb(after)));
  profile := organization_profile(to_jsonb(after));
  if patch = '[]' then
    status := 'unchanged';
    return;
  end if;

  status := 'changed';
  version := before.version + 1;
  after.updated_at := date_trunc('milliseconds', greatest(clock_timestamp(), before.updated_at));
  update organizations o
    set name = after.name, address1 = after.address1, address2 = after.address2, city = after.city,
      zipcode = after.zipcode, phone = after.phone, state = after.state, country = after.country,
      is_business = after.is_business, mfa_enforced = after.mfa_enforced,
      version = before.version + 1, updated_at = after.updated_at
    where o.id = p_organization_id;
  insert into organization_changes (
      organization_id, context, version, id, at, operation, actor_id, patch, request_id, reason
    )
    values (
      p_organization_id, profile_context, before.version + 1,
      change_id_of(after.updated_at, profile_context, p_organization_id::text, before.version + 1), after.updated_at,
      'update', p_caller_id, patch, p_request_id, p_reason
    );
end
$function$;
