-- Deletes the oldest versions of a user's settings that are neither among its newest `p_versions` nor younger than
-- `p_days`, as long as no later version needs them, with the marks of who has read them; at most 1,000. Returns how
-- many.
create or replace function prune_user_versions(p_user_id varchar, p_versions integer, p_days integer) returns integer
language plpgsql volatile security definer set search_path from current as $function$
declare
  oldest_kept bigint;
  last_version bigint;
  pruned bigint[];
begin
  -- A version that is kept whole needs nothing before it, nor does one without content. So the oldest version that
  -- stays is one of these.
  select max(c.version) into oldest_kept from user_changes c
    where c.user_id = p_user_id and c.context = change_context('USER_SETTINGS')
      and (c.snapshot is not null or c.thinned_operations is not null)
      and c.at < now() - make_interval(days => p_days)
      and c.version <= (
        select s.version - p_versions + 1 from user_settings s where s.user_id = p_user_id);
  -- Found first, because the planner may look for each row among the oldest ones otherwise.
  select max(oldest.version), array_agg(oldest.id) into last_version, pruned from (
    select c.version, c.id from user_changes c
      where c.user_id = p_user_id and c.context = change_context('USER_SETTINGS') and c.version < oldest_kept
      order by c.version limit 1000) oldest;
  if pruned is null then
    return 0;
  end if;
  delete from user_changes c
    where c.user_id = p_user_id and c.context = change_context('USER_SETTINGS') and c.version <= last_version;
  delete from event_reads r where r.event_id = any (pruned);
  return cardinality(pruned);
end
$function$;
