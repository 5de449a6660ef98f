-- A time as RFC 3339 writes it, in UTC and to the millisecond, whatever the session's DateStyle and TimeZone are.
create or replace function iso_time(at timestamptz) returns text
language sql stable strict parallel safe as $function$
  select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$function$;
