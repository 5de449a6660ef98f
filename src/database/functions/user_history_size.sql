-- How many bytes the contents of a document's versions take as stored, from `p_newest` back to `p_oldest`, and the
-- `first` version that may keep its content where they are to take at most `p_max_bytes`; the newest 20 all may. It
-- stops at the first version that is too much, so `bytes` is then more than the limit, but not all. `first` is
-- `p_oldest` where nothing is too much.
create or replace function user_history_size(
  p_user_id varchar, p_context integer, p_oldest bigint, p_newest bigint, p_max_bytes bigint,
  out bytes bigint, out first bigint
)
language plpgsql stable as $function$
declare
  oldest_to_stay constant bigint := p_newest - 19;
  kept record;
begin
  bytes := 0;
  first := p_oldest;
  for kept in
    select c.version, pg_column_size(c.patch) + coalesce(pg_column_size(c.snapshot), 0) as bytes
      from user_changes c
      where c.user_id = p_user_id and c.context = p_context
        and c.version >= p_oldest and c.version <= p_newest and c.thinned_operations is null
      order by c.version desc
  loop
    bytes := bytes + kept.bytes;
    if bytes > p_max_bytes and kept.version < oldest_to_stay then
      first := kept.version + 1;
      return;
    end if;
  end loop;
end
$function$;
