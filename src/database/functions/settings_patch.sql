-- Applies a well-formed JSON Patch (RFC 6902). Raises SQLSTATE FB409 when it does not apply, FB413 when the document
-- would on the way take more than `max_size` bytes of jsonb, or what all operations together copy is too much, and
-- FB400 when a copy nests deeper than `max_depth` levels (NULL: no limits). The caller of the API sees the message.
create or replace function settings_patch(
  document jsonb, patch jsonb, max_size integer default null, max_depth integer default null
) returns jsonb
language plpgsql immutable parallel safe as $function$
declare
  -- Each operation copies the document: about 100 ms in all, in bytes.
  max_copied constant integer := 16777216;
  copied bigint := 0;
  place integer := 0;
  operation jsonb;
  kind text;
  path text[];
  origin text[];
  value jsonb;
  problem text;
begin
  for operation in select o from jsonb_array_elements(patch) o loop
    kind := operation ->> 'op';
    path := settings_path(operation ->> 'path');
    value := operation -> 'value';
    problem := null;
    if kind in ('move', 'copy') then
      origin := settings_path(operation ->> 'from');
      value := settings_value(document, origin);
      if value is null then
        problem := 'there is nothing at ' || (operation ->> 'from');
      elsif value @? format(
        'strict $.**{%s} ? (@.type() == "object" || @.type() == "array")', max_depth - cardinality(path)
      )::jsonpath then
        raise exception using errcode = 'FB400', message = format('nested deeper than %s levels', max_depth);
      elsif kind = 'move' then
        document := document #- origin;
      end if;
    elsif kind in ('remove', 'replace', 'test') and settings_value(document, path) is null then
      problem := 'there is nothing at ' || (operation ->> 'path');
    end if;
    if problem is null then
      if kind = 'test' then
        if settings_value(document, path) <> value then
          problem := 'another value is at ' || (operation ->> 'path');
        end if;
      elsif kind = 'remove' then
        document := document #- path;
      elsif kind = 'replace' and path <> '{}' then
        document := jsonb_set(document, path, value);
      else
        document := settings_add(document, path, value);
        if document is null then
          problem := 'nothing can be added at ' || (operation ->> 'path');
        elsif jsonb_typeof(document) <> 'object' then
          problem := 'the settings would no longer be an object';
        end if;
      end if;
    end if;
    if problem is not null then
      raise exception using errcode = 'FB409', message = format('operation %s: %s', place, problem);
    elsif pg_column_size(document) > max_size then
      raise exception using errcode = 'FB413', message = format('operation %s makes the settings too large', place);
    end if;
    copied := copied + pg_column_size(document);
    if copied > max_copied and max_size is not null then
      raise exception using errcode = 'FB413',
        message = format('operation %s comes after too much work; send fewer at a time', place);
    end if;
    place := place + 1;
  end loop;
  return document;
end
$function$;
