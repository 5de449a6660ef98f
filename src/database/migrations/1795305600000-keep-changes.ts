import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What both tables of changes have beside their owner (docs/adr/0006). */
const CHANGE = `
    context smallint not null,
    version bigint not null,
    id bigint not null,
    at timestamptz(3) not null,
    operation varchar(20) not null,
    actor_id varchar(255),
    patch jsonb not null,
    snapshot jsonb,
    request_id varchar(128),
    reason varchar(500)`;

const TABLES = [
  `create table organization_changes (
    organization_id uuid not null, ${CHANGE},
    constraint pk_organization_changes primary key (organization_id, context, version)
  )`,
  `create index ix_organization_changes_id on organization_changes (organization_id, id)`,

  `create table user_changes (
    user_id varchar(255) not null,
    organization_id uuid, ${CHANGE},
    constraint pk_user_changes primary key (user_id, context, version)
  )`,
  `create index ix_user_changes_id on user_changes (user_id, id)`,
  `create index ix_user_changes_organization_id on user_changes (organization_id, id)`,

  `create table event_reads (
    user_id varchar(255) not null,
    event_id bigint not null,
    constraint pk_event_reads primary key (user_id, event_id)
  )`,
  `create index ix_event_reads_event_id on event_reads (event_id)`,
];

/** Whether the history knows the current version, and how far that is from the last one that was kept whole. */
const COLUMNS = ['organization_settings', 'user_settings'].map(
  (table) =>
    `alter table ${table} add history_version bigint not null default 0,
      add operations_since_snapshot integer not null default 0`,
);

/**
 * The id of a change is a number that grows with time and that JavaScript holds until 2093: 4096 for each millisecond
 * since 2024. `change_id_from(at)` is the first of a millisecond, so that a range of ids is a range of time.
 */
const IDS = [
  `create sequence change_sequence minvalue 0 maxvalue 4095 cycle`,
  // Stable, as what it calls is: PostgreSQL puts the body in the place of a call only then.
  `create function change_id_from(at timestamptz) returns bigint
  language sql stable parallel safe as $function$
    select ((extract(epoch from date_trunc('milliseconds', at)) * 1000)::bigint - 1704067200000) * 4096
  $function$`,
  `create function change_id(at timestamptz) returns bigint
  language sql volatile as $function$
    select change_id_from(at) + nextval('change_sequence')
  $function$`,
];

/** `settings_path(pointer)`: the steps of a JSON Pointer (RFC 6901), `{}` for the whole document. */
const PATH = `
  create function settings_path(pointer text) returns text[]
  language plpgsql immutable strict parallel safe as $function$
  begin
    if pointer = '/' then
      return array[''];
    end if;
    if position('~' in pointer) = 0 then
      return string_to_array(substr(pointer, 2), '/');
    end if;
    return array(
      select replace(replace(step, '~1', '/'), '~0', '~')
      from unnest(string_to_array(substr(pointer, 2), '/')) with ordinality s (step, place) order by place);
  end
  $function$`;

/**
 * `settings_changes(before, after, pointer)`: the operations of a JSON Patch (RFC 6902) that makes one value of the
 * other, none when they are equal; `pointer` is where both stand. Objects are compared member by member. Of arrays the
 * part between what is equal at both ends is compared element by element. What differs in more than 1,000 places, or in
 * most of an array, or would take more than the new value itself, is replaced whole.
 */
const CHANGES = `
  create function settings_changes(before jsonb, after jsonb, pointer text) returns jsonb[]
  language plpgsql immutable strict parallel safe as $function$
  declare
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
    head integer;
    tail integer := 0;
    shorter integer;
    longer integer;
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
        if old is null or new is null then
          change := case when new is null then jsonb_build_object('op', 'remove', 'path', path)
            else jsonb_build_object('op', 'add', 'path', path, 'value', new) end;
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
      select coalesce(min(place) - 1, shorter) into head
        from rows from (jsonb_array_elements(before), jsonb_array_elements(after)) with ordinality e (b, a, place)
        where place <= shorter and b <> a;
      while tail < shorter - head and before -> (lengths[1] - 1 - tail) = after -> (lengths[2] - 1 - tail) loop
        tail := tail + 1;
      end loop;
      longer := greatest(lengths[1], lengths[2]) - head - tail;
      shorter := shorter - head - tail;
      if longer <= 32 and (longer <= head + tail or jsonb_typeof(before -> head) in ('object', 'array')) then
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
    return array[jsonb_build_object('op', 'replace', 'path', pointer, 'value', after)];
  end
  $function$`;

/** `settings_diff(before, after)`: the same as a JSON Patch. */
const DIFF = `
  create function settings_diff(before jsonb, after jsonb) returns jsonb
  language plpgsql immutable strict parallel safe as $function$
  begin
    return to_jsonb(settings_changes(before, after, ''));
  end
  $function$`;

/**
 * `settings_merge_with_changes(target, patch, leaves)`: what `settings_merge` makes, and the changes as a JSON Patch.
 *
 * `leaves` are the JSON Pointers of all members of the patch that are no objects, or empty ones. With them the cost is
 * that of setting a few paths; without (`null`, as for a patch of many leaves) the whole documents are compared. Where
 * a pointer leads to no leaf, because the patch names a member twice, the leaves are of no use either.
 */
const MERGE_WITH_CHANGES = `
  create function settings_merge_with_changes(
    target jsonb, patch jsonb, leaves text[], out settings jsonb, out changes jsonb
  )
  language plpgsql immutable parallel safe as $function$
  declare
    pointer text;
    path text[];
    steps integer;
    before jsonb;
    after jsonb;
    made jsonb[] := '{}';
  begin
    settings := target;
    foreach pointer in array coalesce(leaves, '{}') loop
      path := settings_path(pointer);
      steps := cardinality(path);
      before := settings -> path[1];
      for i in 2 .. steps loop
        if jsonb_typeof(before) is distinct from 'object' then
          steps := i - 1;
          path := path[1:steps];
          pointer := array_to_string((string_to_array(pointer, '/'))[1:i], '/');
          exit;
        end if;
        before := before -> path[i];
      end loop;
      after := patch #> path;
      if after is null or (jsonb_typeof(after) = 'object' and jsonb_typeof(before) = 'object' and after <> '{}') then
        leaves := null;
        exit;
      end if;
      continue when before = after or (after = '{}' and jsonb_typeof(before) = 'object');
      settings := jsonb_set(settings, path, after);
      if jsonb_typeof(before) = 'array' then
        made := made || settings_changes(before, after, pointer);
      else
        made := made || jsonb_build_object(
          'op', case when before is null then 'add' else 'replace' end, 'path', pointer, 'value', after);
      end if;
    end loop;
    if leaves is null then
      settings := settings_merge(target, patch);
      changes := settings_diff(target, settings);
      return;
    end if;
    changes := to_jsonb(made);
    if pg_column_size(changes) > pg_column_size(settings) + 4096 then
      changes := settings_diff(target, settings);
    end if;
  end
  $function$`;

/** `settings_merge_patch(target, patch)`: a JSON Merge Patch (RFC 7396 §2) that is an object; null deletes. */
const MERGE_PATCH = `
  create function settings_merge_patch(target jsonb, patch jsonb) returns jsonb
  language plpgsql immutable strict parallel safe as $function$
  declare
    nested jsonb;
    gone text[];
  begin
    if jsonb_typeof(target) <> 'object' then
      target := '{}';
    end if;
    target := target || '{}';
    select
      coalesce(jsonb_object_agg(key, settings_merge_patch(coalesce(target -> key, '{}'), value))
        filter (where jsonb_typeof(value) = 'object'), '{}'),
      coalesce(array_agg(key) filter (where value = 'null'), '{}')
      into nested, gone from jsonb_each(patch);
    return ((target || patch) - gone) || nested;
  end
  $function$`;

/** `settings_value(document, path)`: what stands there, SQL null when nothing does. Array indexes are RFC 6901's. */
const VALUE = `
  create function settings_value(document jsonb, path text[]) returns jsonb
  language plpgsql immutable strict parallel safe as $function$
  declare
    node jsonb := document;
    step text;
  begin
    foreach step in array path loop
      if jsonb_typeof(node) <> 'array' then
        node := node -> step;
      elsif step ~ '^(0|[1-9][0-9]{0,8})$' then
        node := node -> step::integer;
      else
        return null;
      end if;
    end loop;
    return node;
  end
  $function$`;

/** `settings_add(document, path, value)`: the operation "add" of RFC 6902 §4.1; SQL null where it cannot be done. */
const ADD = `
  create function settings_add(document jsonb, path text[], value jsonb) returns jsonb
  language plpgsql immutable strict parallel safe as $function$
  declare
    parent_path text[] := path[:cardinality(path) - 1];
    parent jsonb;
    step text := path[cardinality(path)];
  begin
    if step is null then
      return value;
    end if;
    parent := settings_value(document, parent_path);
    if jsonb_typeof(parent) = 'object' then
      return jsonb_set(document, path, value);
    elsif jsonb_typeof(parent) = 'array' then
      if step = '-' then
        step := jsonb_array_length(parent)::text;
      elsif step !~ '^(0|[1-9][0-9]{0,8})$' or step::integer > jsonb_array_length(parent) then
        return null;
      end if;
      return jsonb_insert(document, parent_path || step, value);
    end if;
    return null;
  end
  $function$`;

/**
 * `settings_patch(document, patch, max_size, max_depth)`: applies a well-formed JSON Patch (RFC 6902). SQLSTATE FB409
 * says that it does not apply, FB413 and FB400 that the document would on the way become larger than `max_size` bytes
 * of jsonb, or that a copy nests deeper than `max_depth` levels (null: no limit); the message is for the caller.
 */
const PATCH = `
  create function settings_patch(
    document jsonb, patch jsonb, max_size integer default null, max_depth integer default null
  ) returns jsonb
  language plpgsql immutable parallel safe as $function$
  declare
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
      place := place + 1;
    end loop;
    return document;
  end
  $function$`;

/**
 * `…_settings_at(owner, version)`: the document as it was in a version that is kept, else SQL null. Version 0 is empty.
 */
const AT = [
  { name: 'organization_settings_at', table: 'organization_changes', key: 'organization_id', type: 'uuid', context: 8 },
  { name: 'user_settings_at', table: 'user_changes', key: 'user_id', type: 'varchar', context: 7 },
].map(
  ({ name, table, key, type, context }) => `
  create function ${name}(owner ${type}, wanted bigint) returns jsonb
  language plpgsql stable strict parallel safe as $function$
  declare
    reached bigint;
    document jsonb;
  begin
    select c.version, c.snapshot into reached, document from ${table} c
      where c.${key} = owner and c.context = ${context} and c.version <= wanted and c.snapshot is not null
      order by c.version desc limit 1;
    if reached is null then
      if wanted < 0
        or not exists (select from ${table} c where c.${key} = owner and c.context = ${context} and c.version = 1) then
        return null;
      end if;
      reached := 0;
      document := '{}';
    end if;
    while reached < wanted and document is not null loop
      reached := reached + 1;
      select settings_patch(document, c.patch) into document from ${table} c
        where c.${key} = owner and c.context = ${context} and c.version = reached;
    end loop;
    return document;
  end
  $function$`,
);

const FUNCTIONS = [PATH, CHANGES, DIFF, MERGE_WITH_CHANGES, MERGE_PATCH, VALUE, ADD, PATCH, ...AT];

/** Keeps each change of settings, organizations and users. */
export class KeepChanges1795305600000 implements MigrationInterface {
  readonly name = 'KeepChanges1795305600000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...TABLES, ...IDS, ...FUNCTIONS, ...COLUMNS]) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const signature of [
      'user_settings_at(varchar, bigint)',
      'organization_settings_at(uuid, bigint)',
      'settings_patch(jsonb, jsonb, integer, integer)',
      'settings_add(jsonb, text[], jsonb)',
      'settings_value(jsonb, text[])',
      'settings_merge_patch(jsonb, jsonb)',
      'settings_merge_with_changes(jsonb, jsonb, text[])',
      'settings_diff(jsonb, jsonb)',
      'settings_changes(jsonb, jsonb, text)',
      'settings_path(text)',
      'change_id(timestamptz)',
      'change_id_from(timestamptz)',
    ]) {
      await queryRunner.query(`drop function ${signature}`);
    }
    await queryRunner.query('drop sequence change_sequence');
    for (const table of ['user_settings', 'organization_settings']) {
      await queryRunner.query(`alter table ${table} drop history_version, drop operations_since_snapshot`);
    }
    for (const table of ['event_reads', 'user_changes', 'organization_changes']) {
      await queryRunner.query(`drop table ${table}`);
    }
  }
}
