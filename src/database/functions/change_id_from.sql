-- The first id of the millisecond of a time. Ids are numbers that grow with time, 4,096 for each millisecond since
-- 2024, so that a range of ids is a range of time; JavaScript holds them exactly until 2093.
create or replace function change_id_from(at timestamptz) returns bigint
language sql stable parallel safe as $function$
  select ((extract(epoch from date_trunc('milliseconds', at)) * 1000)::bigint - 1704067200000) * 4096
$function$;
