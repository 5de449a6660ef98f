-- Deletes the oldest versions of an organization's settings and policy, or of the system's, that are neither among the
-- newest `p_versions` of their document nor younger than `p_days`, as long as no later version needs them, with the
-- marks of who has read them; at most 1,000 of each document. Returns how many.
create or replace function prune_organization_versions(p_organization_id uuid, p_versions integer, p_days integer)
returns integer
language plpgsql volatile security definer set search_path from current as $function$
declare
  document_context integer;
  latest record;
  oldest_kept bigint;
  last_version bigint;
  pruned bigint[];
  total integer := 0;
begin
  foreach document_context in array array_remove(document_contexts(), 4) loop
    latest := organization_document(p_organization_id, document_context);
    -- A version that is kept whole needs nothing before it, nor does one without content. So the oldest version that
    -- stays is one of these.
    select max(c.version) into oldest_kept from organization_changes c
      where c.organization_id = p_organization_id and c.context = document_context
        and (c.snapshot is not null or c.thinned_operations is not null)
        and c.at < now() - make_interval(days => p_days)
        and c.version <= latest.version - p_versions + 1;
    -- Found first, because the planner may look for each row among the oldest ones otherwise.
    select max(oldest.version), array_agg(oldest.id) into last_version, pruned from (
      select c.version, c.id from organization_changes c
        where c.organization_id = p_organization_id and c.context = document_context and c.version < oldest_kept
        order by c.version limit 1000) oldest;
    continue when pruned is null;
    delete from organization_changes c
      where c.organization_id = p_organization_id and c.context = document_context and c.version <= last_version;
    delete from event_reads r where r.event_id = any (pruned);
    total := total + cardinality(pruned);
  end loop;
  return total;
end
$function$;
