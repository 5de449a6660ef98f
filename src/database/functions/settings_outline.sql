-- What stays of a JSON Patch (RFC 6902) in a version whose content is gone: what its operations do and where, without
-- values; the first 100, of each path the first 300 characters, and no more operations than 4,096 characters hold.
create or replace function settings_outline(patch jsonb) returns jsonb
language sql immutable strict parallel safe as $function$
  select coalesce(jsonb_agg(jsonb_build_object('op', k.op, 'path', k.path) order by k.ordinal), '[]')
  from (
    select o -> 'op' as op, left(o ->> 'path', 300) as path, ordinal,
      sum(length(left(o ->> 'path', 300))) over (order by ordinal) as characters
    from jsonb_array_elements(patch) with ordinality p (o, ordinal)
    where ordinal <= 100
  ) k
  where k.characters <= 4096
$function$;
