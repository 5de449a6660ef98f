-- Deletes the oldest questions whom a change of an organization's documents, or of the system's, would touch that are
-- older than `p_days`, with the marks of who has read them; at most 1,000. Returns how many.
create or replace function prune_impacts(p_organization_id uuid, p_days integer) returns integer
language plpgsql volatile security definer set search_path from current as $function$
declare
  too_old constant timestamptz := now() - make_interval(days => p_days);
  last_version bigint;
  pruned bigint[];
begin
  -- Found first, because the planner may look for each row among the oldest ones otherwise.
  select max(oldest.version), array_agg(oldest.id) into last_version, pruned from (
    select c.version, c.id, c.at from organization_changes c
      where c.organization_id = p_organization_id and c.context = change_context('IMPACT')
      order by c.version limit 1000) oldest
    where oldest.at < too_old;
  if pruned is null then
    return 0;
  end if;
  delete from organization_changes c
    where c.organization_id = p_organization_id and c.context = change_context('IMPACT') and c.version <= last_version
      and c.at < too_old;
  delete from event_reads r where r.event_id = any (pruned);
  return cardinality(pruned);
end
$function$;
