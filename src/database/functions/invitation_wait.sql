-- In how many seconds a user of an organization may be invited; NULL for now. A user gets one invitation in ten
-- minutes, an organization may send 1,000 in a day.
create or replace function invitation_wait(p_organization_id uuid, p_last_invited_at timestamptz) returns integer
language plpgsql volatile as $function$
declare
  per_day constant integer := 1000;
  allowed_at timestamptz := p_last_invited_at + interval '10 minutes';
begin
  select greatest(allowed_at, i.invited_at + interval '1 day') into allowed_at from invitations i
    where i.organization_id = p_organization_id and i.invited_at > now() - interval '1 day'
    order by i.invited_at desc offset per_day - 1 limit 1;
  if not found then
    allowed_at := p_last_invited_at + interval '10 minutes';
  end if;
  return case when allowed_at > now() then ceil(extract(epoch from allowed_at - now())) end;
end
$function$;
