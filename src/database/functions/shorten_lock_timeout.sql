-- Has the statement wait for all its locks together about as long as it may wait for one: takes what has passed since
-- it came from `p_lock_timeout`, which was its `lock_timeout` then, before it waits for the next one. '0' is no limit.
-- For a row for which somebody else waits already, PostgreSQL waits twice: for the turn, and for the row.
create or replace function shorten_lock_timeout(p_lock_timeout interval) returns void
language plpgsql volatile as $function$
declare
  left_ms constant numeric :=
    extract(epoch from statement_timestamp() + p_lock_timeout - clock_timestamp()) * 1000;
begin
  perform set_config('lock_timeout', greatest(ceil(left_ms), 1)::text, true) where p_lock_timeout > '0';
end
$function$;
