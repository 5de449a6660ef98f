import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  COPIED,
  type FoundStatement,
  PLACED_BY,
  refusedShapes,
  statementsOfFunction,
  tablesOf,
} from './statement-shapes.js';

const FOLDER = 'src/database/functions';
const FILES = readdirSync(FOLDER).map((file) => ({
  name: basename(file, '.sql'),
  definition: readFileSync(`${FOLDER}/${file}`, 'utf8'),
}));

const FUNCTIONS = FILES.filter(({ definition }) => definition.includes('language plpgsql')).map(
  ({ name, definition }) => ({
    name,
    owner: /\(\s*p_(organization|user)_id\b/.exec(definition)?.[1],
    statements: statementsOfFunction(name, definition),
  }),
);

const READERS = new Set(
  FUNCTIONS.filter(({ statements }) => statements.some((one) => tablesOf(one).length > 0)).map(({ name }) => name),
);

/** They run on the coordinator, and reach other owners' rows there. None is on the way of a request for settings. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  invitation_claim: 'delivers an invitation of an organization to a user, if that is still to be done',
  member_change: 'changes a user and their membership in one',
  member_create: 'makes a user and their membership in one',
  member_get: 'shows a user of an organization',
  member_list: 'shows the users of an organization',
  take_email: "gives an email to one user, which may have been another's",
  user_link: 'finds the user who was invited to an organization by an email',
  user_move: 'moves a user from one organization to another',
  user_set_email: 'gives a user another email, which nobody else may have',
  user_validate: 'looks whether the email is still theirs',
  erase_user: 'takes the name of an erased user out of every organization',
  prune_organization_versions: 'takes back the marks of all who read a version that goes',
  prune_user_versions: 'takes back the marks of all who read a version that goes',
};

/** The texts of the statements of repositories that serve a single call; the query of `/systemevent` asks all nodes. */
const STATEMENTS: FoundStatement[] = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.repository.ts') && !file.endsWith('system-event.repository.ts'))
  .flatMap((file) =>
    [...readFileSync(`src/${file}`, 'utf8').matchAll(/^ +text: `([^`$]*(?:\$\d[^`$]*)*)`/gm)].map(([, text]) => ({
      where: file,
      text: text!,
    })),
  );

describe('the functions of the database', () => {
  it.each(FUNCTIONS.filter(({ name }) => !(name in EXCEPTIONS)))(
    'have shapes that a distributed PostgreSQL takes: $name',
    ({ statements, owner }) => {
      const problems = statements.flatMap((one) => [
        ...refusedShapes(one, READERS),
        ...(new Set(tablesOf(one)).size > 1 ? [`is about ${tablesOf(one).join(' and ')} at once`] : []),
        ...tablesOf(one)
          .filter((table) => owner !== undefined && table !== 'service_accounts' && !(table in PLACED_BY[owner]!))
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

  it.each(Object.entries(EXCEPTIONS))('are allowed one exception: %s, because it %s', (name) => {
    expect(READERS).toContain(name);
  });
});

describe('the statements of repositories', () => {
  it('are found', () => {
    expect(STATEMENTS.length).toBeGreaterThan(15);
  });

  it.each(STATEMENTS)('have shapes that a distributed PostgreSQL takes: $where $text', (one) => {
    expect(refusedShapes(one, new Set())).toStrictEqual([]);
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
      'select from organizations o, users u where o.id = $1 and u.id = $2',
      'joins what is placed by organization and user',
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
