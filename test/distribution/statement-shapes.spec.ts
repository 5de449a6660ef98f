import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ASK_ALL_NODES, COPIED, EXCEPTIONS, PLACED_BY } from './known-statements.js';
import {
  type FoundStatement,
  ownedTablesOf,
  refusedAnywhere,
  refusedShapes,
  statementsOfFunction,
  statementsOfModule,
  tablesOf,
  volatileCalls,
  withoutOwner,
} from './statement-shapes.js';

const FOLDER = 'src/database/functions';
const FILES = readdirSync(FOLDER).map((file) => ({
  name: basename(file, '.sql'),
  definition: readFileSync(`${FOLDER}/${file}`, 'utf8'),
}));

const FUNCTIONS = FILES.map(({ name, definition }) => ({
  name,
  owner: /\(\s*p_(organization|user)_id\b/.exec(definition)?.[1],
  statements: statementsOfFunction(name, definition),
}));

const READERS = new Set(
  FUNCTIONS.filter(({ statements }) => statements.some((one) => tablesOf(one).length > 0)).map(({ name }) => name),
);

/** Every statement of the service that reads or changes a table. Those that callers share are not sent there. */
const STATEMENTS = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !file.includes('migrations'))
  .flatMap((file) => statementsOfModule(basename(file, '.ts'), readFileSync(`src/${file}`, 'utf8')))
  .filter((one) => !one.where.endsWith('-batched') && ownedTablesOf(one).length > 0);

describe('the functions of the database', () => {
  it.each(FUNCTIONS.filter(({ name }) => !(name in EXCEPTIONS)))(
    'have shapes that a distributed PostgreSQL takes: $name',
    ({ statements, owner }) => {
      const problems = statements.flatMap((one) => [
        ...refusedShapes(one, READERS),
        ...volatileCalls(one),
        ...(new Set(tablesOf(one)).size > 1 ? [`is about ${tablesOf(one).join(' and ')} at once`] : []),
        ...tablesOf(one)
          .filter((table) => owner !== undefined && !COPIED.includes(table) && !(table in PLACED_BY[owner]!))
          .map((table) => `reaches ${table}, which is not placed by the ${owner}`),
      ]);
      expect(problems).toStrictEqual([]);
    },
  );

  it('are named for their owner first, where they read tables of which not every node has a copy', () => {
    const ownerless = FUNCTIONS.filter(
      ({ name, owner, statements }) =>
        owner === undefined &&
        !(name in EXCEPTIONS) &&
        statements.flatMap(tablesOf).some((table) => !COPIED.includes(table)),
    );
    expect(ownerless.map(({ name }) => name)).toStrictEqual([]);
  });

  it('are PL/pgSQL where they read tables: an error in another language ends a node of Citus', () => {
    const others = FILES.filter(
      ({ name, definition }) => READERS.has(name) && !definition.includes('language plpgsql'),
    );
    expect(others.map(({ name }) => name)).toStrictEqual([]);
  });

  it.each(Object.entries(EXCEPTIONS))('are allowed one exception: %s, because it %s', (name) => {
    expect(READERS).toContain(name);
    const { statements } = FUNCTIONS.find((one) => one.name === name)!;
    expect(statements.flatMap(refusedAnywhere)).toStrictEqual([]);
  });
});

describe('the statements of the service', () => {
  it('are found', () => {
    expect(STATEMENTS.length).toBeGreaterThan(30);
  });

  it.each(STATEMENTS.filter(({ where }) => !(where in ASK_ALL_NODES)))(
    'have shapes that one node of a distributed PostgreSQL answers: $where',
    (one) => {
      expect([...refusedShapes(one, READERS), ...withoutOwner(one), ...volatileCalls(one)]).toStrictEqual([]);
    },
  );

  it.each(Object.entries(ASK_ALL_NODES))('are allowed to ask all nodes: %s, because it %s', (name) => {
    const one = STATEMENTS.find(({ where }) => where === name)!;
    expect([...refusedShapes(one, READERS), ...withoutOwner(one)]).not.toStrictEqual([]);
    expect(refusedAnywhere(one)).toStrictEqual([]);
  });
});

describe('the statements of the tests', () => {
  const tests = readdirSync('test', { recursive: true, encoding: 'utf8' })
    // These plant what is to be found.
    .filter((file) => file.endsWith('.ts') && !/(owner-check|statement-shapes)[^/]*$/.test(file))
    .flatMap((file) => statementsOfModule(file, readFileSync(`test/${file}`, 'utf8')));

  it('are found', () => {
    expect(tests.length).toBeGreaterThan(50);
  });

  it('call nothing volatile where a constant does, so that the tests run on distributed tables, too', () => {
    const problemsOf = (one: FoundStatement) => [...volatileCalls(one), ...refusedAnywhere(one)];
    expect(tests.flatMap((one) => problemsOf(one).map((problem) => `${one.where}: ${problem}`))).toStrictEqual([]);
  });
});

describe('a shape that is refused', () => {
  const problemsOf = (text: string) => refusedShapes({ where: 'here', text }, new Set(['organization_document_at']));

  it.each([
    [`select nextval('s')`, 'takes a number of a sequence, which other nodes do not have'],
    [
      'with a as (insert into members values ($1) returning *) select * from a',
      'changes rows in a common table expression',
    ],
    ['select * from unnest($1::uuid[]) q (id) join organizations o on o.id = q.id', 'is about many owners'],
    [
      'select organization_document_at(o.id, 8, 1) from organizations o where o.id = $1',
      'calls organization_document_at, which reads tables, beside a table',
    ],
    [
      'update organizations o set deleted_at = case when $2 then now() end where o.id = $1',
      'calls now in a case or coalesce',
    ],
    [
      'update organizations o set deleted_at = date_trunc($2, o.updated_at) where o.id = $1',
      'calls date_trunc with a column of what it changes',
    ],
    [
      `update invitations set invited_at = invited_at - interval '1 day' where organization_id = $1`,
      'adds to a time of what it changes, which depends on the time zone',
    ],
    ['select from organizations o where o.id in ($1, $2) for update', 'locks rows of many'],
    [
      'select from organizations o, users u where o.id = $1 and u.id = $2',
      'joins what is placed by organization and user',
    ],
    [
      `select $2 is null or m.role = 0 from organizations o
       left join members m on m.organization_id = $1 and m.user_id = $2::varchar where o.id = $1`,
      'has an outer join on $2, which may be NULL',
    ],
  ])('is seen: %s', (text, problem) => {
    expect(problemsOf(text)).toStrictEqual([problem]);
  });

  it('is not seen where there is none', () => {
    expect(
      problemsOf('select o.* from organizations o join members m on m.organization_id = $1 where o.id = $1'),
    ).toStrictEqual([]);
  });
});
