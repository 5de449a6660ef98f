-- The same as settings_patch, for a patch whose pointers all lead into one array of the document: the array is cut into
-- pieces, and each operation copies one or two of these. `place` leads to the array.
create or replace function settings_patch_array(
  document jsonb, place text[], patch jsonb, max_size integer, max_depth integer
) returns jsonb
language plpgsql immutable strict parallel safe as $function$
declare
  max_pieces constant integer := 256;
  -- As in settings_patch.
  max_copied constant integer := 16777216;
  around constant integer := cardinality(place);
  whole jsonb := document #> place;
  each_length constant integer := greatest(1, ceil(jsonb_array_length(whole) / max_pieces::numeric));
  pieces jsonb[];
  lengths integer[];
  size integer := pg_column_size(document);
  copied integer := 0;
  number integer := 0;
  operation jsonb;
  kind text;
  path text[];
  origin text[];
  found integer[];
  piece jsonb;
  next jsonb;
  value jsonb;
  problem text;
begin
  select array_agg(p.piece order by p.start), array_agg(jsonb_array_length(p.piece) order by p.start)
    into pieces, lengths
    from (
      select start, jsonb_path_query_array(
        whole, '$[$first to $last]', jsonb_build_object('first', start, 'last', start + each_length - 1)) as piece
      from generate_series(0, greatest(jsonb_array_length(whole) - 1, 0), each_length) start
    ) p;
  for operation in select o from jsonb_array_elements(patch) o loop
    kind := operation ->> 'op';
    path := (settings_path(operation ->> 'path'))[around + 1:];
    value := operation -> 'value';
    problem := null;
    if kind in ('move', 'copy') then
      origin := (settings_path(operation ->> 'from'))[around + 1:];
      found := settings_piece(lengths, origin[1], 0);
      piece := pieces[found[1]];
      origin[1] := found[2];
      value := settings_value(piece, origin);
      if value is null then
        problem := 'there is nothing at ' || (operation ->> 'from');
      elsif value @? format(
        'strict $.**{%s} ? (@.type() == "object" || @.type() == "array")', max_depth - around - cardinality(path)
      )::jsonpath then
        raise exception using errcode = 'FB400', message = format('nested deeper than %s levels', max_depth);
      elsif kind = 'move' then
        next := piece #- origin;
        size := size + pg_column_size(next) - pg_column_size(piece);
        copied := copied + pg_column_size(piece);
        pieces[found[1]] := next;
        lengths[found[1]] := jsonb_array_length(next);
      end if;
    end if;
    if problem is null then
      if kind in ('remove', 'replace', 'test') or cardinality(path) > 1 then
        found := settings_piece(lengths, path[1], 0);
      elsif path[1] = '-' then
        found := array[cardinality(lengths), lengths[cardinality(lengths)]];
      else
        found := settings_piece(lengths, path[1], 1);
      end if;
      piece := pieces[found[1]];
      path[1] := found[2];
      next := piece;
      if kind in ('remove', 'replace', 'test') and settings_value(piece, path) is null then
        problem := 'there is nothing at ' || (operation ->> 'path');
      elsif kind = 'test' then
        if settings_value(piece, path) <> value then
          problem := 'another value is at ' || (operation ->> 'path');
        end if;
      elsif kind = 'remove' then
        next := piece #- path;
      elsif kind = 'replace' then
        next := jsonb_set(piece, path, value);
      else
        next := settings_add(piece, path, value);
        if next is null then
          problem := 'nothing can be added at ' || (operation ->> 'path');
        end if;
      end if;
    end if;
    if problem is not null then
      raise exception using errcode = 'FB409', message = format('operation %s: %s', number, problem);
    end if;
    size := size + pg_column_size(next) - pg_column_size(piece);
    copied := copied + pg_column_size(next);
    if size > max_size then
      raise exception using errcode = 'FB413', message = format('operation %s makes the settings too large', number);
    elsif copied > max_copied then
      raise exception using errcode = 'FB413',
        message = format('operation %s comes after too much work; send fewer at a time', number);
    end if;
    pieces[found[1]] := next;
    lengths[found[1]] := jsonb_array_length(next);
    number := number + 1;
  end loop;
  return jsonb_set(document, place, jsonb_path_query_array(to_jsonb(pieces), '$[*][*]'));
end
$function$;
