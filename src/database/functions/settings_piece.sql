-- Which run of an array's elements has the one that a step of a JSON Pointer (RFC 6901 §4) names, and at which index
-- there. NULL where there is none. `lengths` are those of the runs; `spare` is how many elements more the last one has
-- room for.
create or replace function settings_piece(lengths integer[], step text, spare integer) returns integer[]
language plpgsql immutable strict parallel safe as $function$
declare
  last constant integer := cardinality(lengths);
  index integer;
begin
  if step !~ '^(0|[1-9][0-9]{0,8})$' then
    return null;
  end if;
  index := step::integer;
  for piece in 1..last - 1 loop
    if index < lengths[piece] then
      return array[piece, index];
    end if;
    index := index - lengths[piece];
  end loop;
  return case when index < lengths[last] + spare then array[last, index] end;
end
$function$;
