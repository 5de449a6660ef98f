-- The same as settings_patch, for a patch whose pointers all lead into one array of the document: each operation copies
-- the element that it names, and the array is put together once. `place` leads to the array.
create or replace function settings_patch_array(
  document jsonb, place text[], patch jsonb, max_size integer, max_depth integer
) returns jsonb
language plpgsql immutable strict parallel safe as $function$
declare
  -- As in settings_patch.
  max_copied constant integer := 16777216;
  around constant integer := cardinality(place);
  source constant jsonb := document #> place;
  source_length constant integer := jsonb_array_length(source);
  -- The array as it is so far: runs of elements of `source` and, by the indexes that follow those, of `added`.
  starts integer[] := array[0];
  lengths integer[] := array[source_length];
  added jsonb[] := '{}';
  size integer := pg_column_size(document);
  copied integer := 0;
  number integer := 0;
  operation jsonb;
  kind text;
  step text;
  pointer text;
  path text[];
  is_element boolean;
  found integer[];
  run_start integer;
  index integer;
  element jsonb;
  value jsonb;
  next jsonb;
  removed integer;
  problem text;
  subscripts text;
begin
  for operation in select o from jsonb_array_elements(patch) o loop
    kind := operation ->> 'op';
    value := operation -> 'value';
    problem := null;
    foreach step in array
      case kind when 'move' then '{read,remove,add}' when 'copy' then '{read,add}' else array[kind] end
    loop
      pointer := operation ->> case when step = 'read' or step <> 'add' and kind = 'move' then 'from' else 'path' end;
      path := (settings_path(pointer))[around + 1:];
      is_element := cardinality(path) = 1;
      if step = 'add' and path = '{-}' then
        found := array[cardinality(lengths), lengths[cardinality(lengths)]];
      else
        found := settings_piece(lengths, path[1], (step = 'add' and is_element)::integer);
      end if;
      path := path[2:];
      run_start := starts[found[1]];
      index := run_start + found[2];
      element := coalesce(source -> index, added[index - source_length + 1]);
      if step <> 'add' and settings_value(element, path) is null then
        problem := 'there is nothing at ' || pointer;
      elsif step = 'read' then
        value := settings_value(element, path);
        if value @? format(
          'strict $.**{%s} ? (@.type() == "object" || @.type() == "array")',
          max_depth - cardinality(settings_path(operation ->> 'path'))
        )::jsonpath then
          raise exception using errcode = 'FB400', message = format('nested deeper than %s levels', max_depth);
        end if;
      elsif step = 'test' then
        if settings_value(element, path) <> value then
          problem := 'another value is at ' || pointer;
        end if;
      else
        next := case
          when is_element then case when step <> 'remove' and found is not null then value end
          when step = 'remove' then element #- path
          when step = 'replace' then jsonb_set(element, path, value)
          else settings_add(element, path, value) end;
        if step <> 'remove' and next is null then
          problem := 'nothing can be added at ' || pointer;
        end if;
      end if;
      if problem is not null then
        raise exception using errcode = 'FB409', message = format('operation %s: %s', number, problem);
      end if;
      continue when step in ('read', 'test');

      removed := (step <> 'add' or not is_element)::integer;
      size := size + coalesce(pg_column_size(next), 0) - removed * coalesce(pg_column_size(element), 0);
      copied := copied + coalesce(pg_column_size(next), 0);
      if size > max_size then
        raise exception using errcode = 'FB413', message = format('operation %s makes the settings too large', number);
      elsif copied > max_copied then
        raise exception using errcode = 'FB413',
          message = format('operation %s comes after too much work; send fewer at a time', number);
      end if;
      if next is not null and removed = 1 and index >= source_length then
        added[index - source_length + 1] := next;
      else
        -- The run ends before the element, and another begins behind it; what is added is a run between them.
        starts := starts[:found[1] - 1] || run_start
          || case when next is not null then array[source_length + cardinality(added)] end
          || (index + removed) || starts[found[1] + 1:];
        lengths := lengths[:found[1] - 1] || found[2]
          || case when next is not null then array[1] end
          || (lengths[found[1]] - found[2] - removed) || lengths[found[1] + 1:];
        if next is not null then
          added[cardinality(added) + 1] := next;
        end if;
      end if;
    end loop;
    number := number + 1;
  end loop;

  select '$[' || string_agg(format('%s to %s', r.start, r.start + r.length - 1), ',' order by r.ordinal) || ']'
    into subscripts
    from unnest(starts, lengths) with ordinality r (start, length, ordinal) where r.length > 0;
  return jsonb_set(
    document, place,
    case when subscripts is null then '[]'
      else jsonb_path_query_array(source || to_jsonb(added), subscripts::jsonpath) end);
end
$function$;
