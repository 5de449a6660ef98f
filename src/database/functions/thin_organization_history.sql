-- Takes the content of the oldest versions of the documents of an organization, or of the system, where together they
-- take more than `p_max_bytes`. Each document may take an equal part of that, and what the others leave. The newest 20
-- versions of each stay.
--
-- One call takes little, so that no change waits long for it: it is to be called until it `is_done`, which takes the
-- owner from the list organizations_to_thin. `versions` and `bytes` are what this call took. `is_done` is NULL, and
-- nothing is done, while another call is at work.
create or replace function thin_organization_history(
  p_organization_id uuid, p_max_bytes bigint, out is_done boolean, out versions integer, out bytes bigint
)
language plpgsql volatile security definer set search_path from current as $function$
declare
  contexts constant integer[] := document_contexts();
  -- Less than the quota, so that the next change does not pass it again.
  max_bytes constant bigint := p_max_bytes - p_max_bytes / 32;
  counted bigint[];
  sizes bigint[] := '{}';
  size bigint;
  left_bytes bigint := max_bytes;
  part bigint;
  parts integer := cardinality(contexts);
  document_context integer;
  history record;
  kept record;
  taken record;
begin
  versions := 0;
  bytes := 0;
  if not pg_try_advisory_xact_lock(4815162343) then
    return;
  end if;
  foreach document_context in array contexts loop
    history := organization_history(p_organization_id, document_context);
    counted := counted || coalesce(history.history_bytes, 0);
    kept := organization_history_size(
      p_organization_id, document_context, history.history_from, history.version, max_bytes);
    sizes := sizes || kept.bytes;
  end loop;
  -- The smallest first: what each leaves of its part is for those that are larger.
  foreach size in array array(select s from unnest(sizes) s order by s) loop
    part := left_bytes / parts;
    exit when size > part;
    left_bytes := left_bytes - size;
    parts := parts - 1;
  end loop;

  if parts > 0 then
    foreach document_context in array contexts loop
      history := organization_history(p_organization_id, document_context);
      kept := organization_history_size(
        p_organization_id, document_context, history.history_from, history.version, part - history.document_bytes);
      if kept.first > history.history_from then
        taken := thin_organization_versions(p_organization_id, document_context, history.history_from, kept.first);
        versions := versions + taken.versions;
        bytes := bytes + taken.bytes;
      end if;
    end loop;
  end if;
  is_done := versions = 0;
  if is_done then
    -- What changes have added since counts on.
    for n in 1 .. cardinality(contexts) loop
      perform organization_history_counted(p_organization_id, contexts[n], sizes[n] - counted[n]);
    end loop;
    delete from organizations_to_thin t where t.organization_id = p_organization_id;
  end if;
end
$function$;
