-- The steps of a JSON Pointer with what `~1` and `~0` stand for (RFC 6901 §4).
create or replace function settings_unescape(steps text[]) returns text[]
language sql immutable strict parallel safe as $function$
  select array(
    select replace(replace(step, '~1', '/'), '~0', '~')
    from unnest(steps) with ordinality s (step, place) order by place)
$function$;
