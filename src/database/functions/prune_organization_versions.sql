-- Deletes the oldest versions of an organization's settings that are neither among its newest `p_versions` nor younger
-- than `p_days`, as long as no later version needs them, with the marks of who has read them; at most 1,000. Returns
-- how many.
create or replace function prune_organization_versions(p_organization_id uuid, p_versions integer, p_days integer)
returns integer
language plpgsql volatile security definer set search_path from current as $function$
declare
  settings_context constant smallint := 8;
  oldest_kept bigint;
  pruned bigint[];
begin
  -- A version that is kept whole needs nothing before it, nor does one without content. So the oldest version that
  -- stays is one of these.
  select max(c.version) into oldest_kept from organization_changes c
    where c.organization_id = p_organization_id and c.context = settings_context
      and (c.snapshot is not null or c.thinned_operations is not null)
      and c.at < now() - make_interval(days => p_days)
      and c.version <= (
        select s.version - p_versions + 1 from organization_settings s where s.organization_id = p_organization_id);
  with deleted as (
    delete from organization_changes c
      where c.organization_id = p_organization_id and c.context = settings_context
        and c.version in (
          select v.version from organization_changes v
            where v.organization_id = p_organization_id and v.context = settings_context and v.version < oldest_kept
            order by v.version limit 1000)
      returning c.id
  ) select array_agg(d.id) into pruned from deleted d;
  delete from event_reads r where r.event_id = any (pruned);
  return coalesce(cardinality(pruned), 0);
end
$function$;
