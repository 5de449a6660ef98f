-- Whether a JSON Patch (RFC 6902) of add, remove and replace may give another value to what one of the JSON Pointers
-- names: whether a path leads to it, to what is above it, or below. So it says also where comparing would take longer
-- than about a millisecond.
create or replace function settings_touches(patch jsonb, pointers text[]) returns boolean
language sql immutable strict parallel safe as $function$
  select case when jsonb_array_length(patch) * cardinality(pointers) > 1000 then true else exists (
    select from jsonb_array_elements(patch) o, unnest(pointers) p (pointer)
    where starts_with(o ->> 'path' || '/', p.pointer || '/') or starts_with(p.pointer || '/', o ->> 'path' || '/')
  ) end
$function$;
