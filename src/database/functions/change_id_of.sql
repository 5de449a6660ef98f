-- The id of a change. Ids grow with time, and with the versions of one document within a millisecond: below the
-- millisecond there are two bits for the context of the change and ten for its version, moved by a hash of its owner.
-- Two changes of one organization never share an id; those of two users within one millisecond do once in a thousand
-- times. No sequence is used, because no distributed engine could give one to all of its nodes.
create or replace function change_id_of(at timestamptz, context integer, owner text, version bigint) returns bigint
language sql stable parallel safe as $function$
  select change_id_from(at)
    + case when context in (4, 101) then 0 when context in (8, 102) then 1 when context = 100 then 2 else 3 end * 1024
    + ((version + hashtext(owner)) & 1023)
$function$;
