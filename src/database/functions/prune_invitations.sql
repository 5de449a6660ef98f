-- Deletes the oldest invitations of an organization that are older than `p_days`; at most 1,000. Returns how many.
create or replace function prune_invitations(p_organization_id uuid, p_days integer) returns integer
language plpgsql volatile security definer set search_path from current as $function$
declare
  pruned integer;
begin
  delete from invitations i
    where i.organization_id = p_organization_id
      and i.id in (
        select o.id from invitations o
          where o.organization_id = p_organization_id and o.invited_at < now() - make_interval(days => p_days)
          order by o.invited_at limit 1000);
  get diagnostics pruned = row_count;
  return pruned;
end
$function$;
