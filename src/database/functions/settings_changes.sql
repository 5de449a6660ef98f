-- The operations of a JSON Patch (RFC 6902) that turns `before` into `after`; none when they are equal. `pointer` is
-- the JSON Pointer (RFC 6901) of both. Objects are compared member by member. Of arrays, the part between equal ends is
-- compared element by element. A value is replaced whole when it differs in more than 1,000 places, when most of an
-- array differs, and when the operations would take more bytes than the new value.
create or replace function settings_changes(before jsonb, after jsonb, pointer text) returns jsonb[]
language plpgsql immutable strict parallel safe as $function$
declare
  slice constant integer := 512;
  -- How many elements are compared one by one at most.
  compared constant integer := 32;
  result jsonb[] := '{}';
  change jsonb;
  changes jsonb[];
  size integer := 0;
  types constant text := jsonb_typeof(before) || ' ' || jsonb_typeof(after);
  name text;
  path text;
  old jsonb;
  new jsonb;
  lengths integer[];
  head integer := 0;
  tail integer := 0;
  shorter integer;
  longer integer;
  left_over integer;
begin
  if before = after then
    return result;
  elsif types = 'object object' then
    -- Joining unpacks a compressed document once, instead of at each look into it.
    before := before || '{}';
    after := after || '{}';
    for name in select jsonb_object_keys(before || after) loop
      old := before -> name;
      new := after -> name;
      continue when old = new;
      path := pointer || '/' || replace(replace(name, '~', '~0'), '/', '~1');
      -- Of a scalar a call would say the same.
      if old is null or new is null or jsonb_typeof(old) not in ('object', 'array') then
        change := case
          when new is null then jsonb_build_object('op', 'remove', 'path', path)
          when old is null then jsonb_build_object('op', 'add', 'path', path, 'value', new)
          else jsonb_build_object('op', 'replace', 'path', path, 'value', new)
        end;
        size := size + pg_column_size(change);
        result := result || change;
      else
        changes := settings_changes(old, new, path);
        size := size + pg_column_size(to_jsonb(changes));
        result := result || changes;
      end if;
      exit when cardinality(result) > 1000 or size > pg_column_size(after) + 4096;
    end loop;
    if cardinality(result) <= 1000 and size <= pg_column_size(after) + 4096 then
      return result;
    end if;
  elsif types = 'array array' then
    lengths := array[jsonb_array_length(before), jsonb_array_length(after)];
    shorter := least(lengths[1], lengths[2]);
    -- Slices first: a look at each element of a long array would take several times as long.
    while head + slice <= shorter
      and jsonb_path_query_array(before, '$[$at to $to]', jsonb_build_object('at', head, 'to', head + slice - 1))
        = jsonb_path_query_array(after, '$[$at to $to]', jsonb_build_object('at', head, 'to', head + slice - 1))
    loop
      head := head + slice;
    end loop;
    while head < shorter and before -> head = after -> head loop
      head := head + 1;
    end loop;
    shorter := shorter - head;
    longer := greatest(lengths[1], lengths[2]) - head;
    -- What must be equal at the end, and how much of it is still to be compared: forward, so that a difference is found
    -- early.
    tail := greatest(longer - compared, 0);
    left_over := tail;
    while left_over > 0 and tail <= shorter
      and jsonb_path_query_array(
        before, '$[$at to $to]',
        jsonb_build_object('at', lengths[1] - left_over, 'to', lengths[1] - left_over + slice - 1))
      = jsonb_path_query_array(
        after, '$[$at to $to]',
        jsonb_build_object('at', lengths[2] - left_over, 'to', lengths[2] - left_over + slice - 1))
    loop
      left_over := left_over - slice;
    end loop;
    if left_over <= 0 then
      while tail < shorter and before -> (lengths[1] - 1 - tail) = after -> (lengths[2] - 1 - tail) loop
        tail := tail + 1;
      end loop;
      longer := longer - tail;
      shorter := shorter - tail;
      if longer <= head + tail or jsonb_typeof(before -> head) in ('object', 'array') then
        for i in head .. head + shorter - 1 loop
          result := result || settings_changes(before -> i, after -> i, pointer || '/' || i);
        end loop;
        for i in reverse lengths[1] - tail - 1 .. head + shorter loop
          result := result || jsonb_build_object('op', 'remove', 'path', pointer || '/' || i);
        end loop;
        for i in head + shorter .. lengths[2] - tail - 1 loop
          result := result || jsonb_build_object('op', 'add', 'path', pointer || '/' || i, 'value', after -> i);
        end loop;
        if pg_column_size(to_jsonb(result)) <= pg_column_size(after) + 4096 then
          return result;
        end if;
      end if;
    end if;
  end if;
  return array[jsonb_build_object('op', 'replace', 'path', pointer, 'value', after)];
end
$function$;
