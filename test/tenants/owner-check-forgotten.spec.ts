import { describe, expect, it } from 'vitest';
import { check } from './owner-check-sample.js';

const subjects = (sql: string) => check.check(sql).findings.map(({ subject }) => subject);

describe('a statement that forgets its owner', () => {
  it.each([
    ['everywhere', 'select * from documents', ['documents']],
    ['but not another column', 'select 1 from members where user_id = $1', ['members']],
    [
      'for a constant',
      `select 1 from documents where organization_id = '6f3d5a1c-0000-4000-8000-000000000000'`,
      ['documents'],
    ],
    ['for a comparison', 'select 1 from documents where organization_id > $1', ['documents']],
    ['for its opposite', 'select 1 from documents where organization_id <> $1', ['documents']],
    ['for all others', 'select 1 from documents where organization_id <> all($1)', ['documents']],
    ['under not', 'select 1 from documents where not organization_id = $1', ['documents']],
    ['under or', 'select 1 from documents where organization_id = $1 or $2', ['documents']],
    ['for an expression', 'select 1 from documents where coalesce(organization_id, $1) = $1', ['documents']],
    ['for itself', 'select 1 from documents d where d.organization_id = d.organization_id', ['documents']],
    [
      'for a column that nothing binds',
      'select 1 from documents d join members m on m.organization_id = d.organization_id',
      ['documents', 'members'],
    ],
    ['in one of several', 'select 1 from documents where organization_id in ($1, gen_random_uuid())', ['documents']],
    ['in one table of two', 'select 1 from members m, documents d where m.organization_id = $1', ['documents']],
    [
      'in the table that an outer join keeps',
      'select 1 from organizations o left join members m on o.id = $1 and m.organization_id = o.id',
      ['organizations', 'members'],
    ],
    [
      'in both of a full join',
      'select 1 from organizations o full join members m on m.organization_id = $1 and o.id = $1',
      ['organizations', 'members'],
    ],
    [
      'in a join that names no columns',
      'select 1 from documents natural join members where members.organization_id = $1',
      ['documents'],
    ],
    [
      'in a subquery',
      'select 1 from organizations o where o.id = $1 and exists (select 1 from documents)',
      ['documents'],
    ],
    [
      'in a subquery that names the query around it',
      'select 1 from organizations o where exists (select 1 from documents d where d.organization_id = o.id)',
      ['organizations', 'documents'],
    ],
    [
      'in a subquery whose condition is about the query around it',
      'select 1 from organizations o where exists (select 1 from documents d where o.id = $1 and ' +
        'd.organization_id = $1)',
      ['organizations'],
    ],
    [
      'in a subquery that names only itself',
      'select 1 from members m where m.organization_id = $1 and exists (select 1 from documents where ' +
        'organization_id = organization_id)',
      ['documents'],
    ],
    [
      'in a subquery that means another column of the name',
      'select 1 from documents d where d.organization_id = $1 and exists (select 1 from users, marks where ' +
        'marks.user_id = organization_id)',
      ['users', 'marks'],
    ],
    ['in what is selected', 'select (select count(*) from users) from organizations where id = $1', ['users']],
    [
      'in the order',
      'select 1 from organizations where id = $1 order by (select max(version) from documents)',
      ['documents'],
    ],
    [
      'in a limit',
      'select 1 from organizations where id = $1 limit (select max(version) from documents)',
      ['documents'],
    ],
    [
      'in a join',
      'select 1 from organizations o left join members m on m.organization_id = o.id and m.role = (select ' +
        'max(role) from members) where o.id = $1',
      ['members'],
    ],
    [
      'in an argument',
      'select jsonb_agg((select settings from documents)) from organizations where id = $1',
      ['documents'],
    ],
    [
      'in an argument of a function in from',
      'select 1 from generate_series(1, (select count(*) from users)) n',
      ['users'],
    ],
    ['in a common table expression', 'with d as (select settings from documents) select 1 from d', ['documents']],
    ['in one that nobody uses', 'with d as (delete from documents returning 1) select 1', ['documents']],
    [
      'in one part of a union',
      'select 1 from documents where organization_id = $1 union select 1 from documents',
      ['documents'],
    ],
    [
      'in one part of a union that should bind',
      'select 1 from (select $1::uuid as id union select gen_random_uuid()) u join documents d on ' +
        'd.organization_id = u.id',
      ['documents'],
    ],
    [
      'in a common table expression that should bind',
      'with c as (select id from organizations where name = $1) select 1 from documents d join c on ' +
        'd.organization_id = c.id',
      ['organizations', 'documents'],
    ],
    [
      'in a recursive one',
      'with recursive c as (select id from organizations where id = $1 union select organization_id from ' +
        'documents join c on documents.organization_id = c.id) select 1 from c',
      ['documents'],
    ],
    [
      'where a column is there twice',
      'select 1 from (select o.id, u.id from organizations o, users u where o.id = $1 and u.id = $2) b join ' +
        'documents d on d.organization_id = b.id',
      ['documents'],
    ],
    [
      'where a function makes it up',
      'select 1 from generate_series(1, $1) id join organizations o on o.id = id',
      ['organizations'],
    ],
    [
      'where another function makes a list',
      'select 1 from (select regexp_split_to_table($1, $2) as owner) q join users u on u.id = q.owner',
      ['users'],
    ],
    [
      'where unnest has no parameter',
      'select 1 from unnest(array[gen_random_uuid()]) id join organizations o on o.id = id',
      ['organizations'],
    ],
    [
      'where it is a place and no value',
      'select 1 from unnest($1::text[]) with ordinality q (id, place) join users u on u.id = q.place',
      ['users'],
    ],
    [
      'where an unknown column may have the name',
      'select 1 from members m where m.organization_id = $1 and exists (select 1 from ' +
        'jsonb_populate_record(null::documents, $1), users where users.id = organization_id)',
      ['users'],
    ],
    ['in an update', 'update documents set version = 1', ['documents']],
    [
      'in an update from others',
      'update documents d set version = 1 from organizations o where o.id = $1',
      ['documents'],
    ],
    [
      'when it gives the row to another',
      'update documents set organization_id = gen_random_uuid() where organization_id = $1',
      ['documents'],
    ],
    ['in a delete', 'delete from marks where event_id = any($1::bigint[])', ['marks']],
    ['in an insert', 'insert into marks (event_id) values ($1)', ['marks']],
    ['in an insert without columns', 'insert into marks values ($1, $2)', ['marks']],
    [
      'in one row of an insert',
      'insert into marks (user_id, event_id) values ($1, $2), (gen_random_uuid()::text, $3)',
      ['marks'],
    ],
    ['in an insert of the default', 'insert into marks (user_id, event_id) values (default, $1)', ['marks']],
    ['in an insert of a query', 'insert into marks (user_id, event_id) select id, 1 from users', ['users', 'marks']],
    [
      'in an insert of what belongs to somebody else',
      'insert into changes (organization_id, id) values ($1, 1)',
      ['changes'],
    ],
    [
      'in an upsert',
      'insert into organizations (id, domain) values ($1, $2) on conflict (domain) do update set name = $3',
      ['organizations'],
    ],
    [
      'in an upsert by a constraint',
      'insert into marks (user_id, event_id) values ($1, $2) on conflict on constraint pk do update set event_id = 1',
      ['marks'],
    ],
    [
      'in an upsert that moves',
      'insert into marks (user_id, event_id) values ($1, $2) on conflict (user_id, event_id) do update set ' +
        'user_id = gen_random_uuid()',
      ['marks'],
    ],
    ['when it calls a function', 'select document_at(gen_random_uuid(), 1)', ['document_at']],
    ['when it calls a function for each', 'select document_at(c.id, 1) from countries c', ['document_at']],
    ['when it calls a function without it', 'select document_at()', ['document_at']],
    ['of a table that nobody knows', 'select 1 from secrets where organization_id = $1', ['secrets']],
    ['of a table in another schema', 'select 1 from other.members where organization_id = $1', ['members']],
    [
      'in a merge',
      'merge into documents d using (select $1::uuid as id) s on d.organization_id = s.id when matched then delete',
      ['documents'],
    ],
    ['in a copy', 'copy documents to stdout', ['documents']],
    ['in a truncate', 'truncate documents', ['documents']],
    ['in a sample', 'select 1 from documents tablesample system (1) where organization_id = $1', ['documents']],
    [
      'in a table that it makes',
      'create table mine as select * from documents where organization_id = $1',
      ['mine', 'documents'],
    ],
    ['in the second of two', 'select 1; select 1 from documents', ['documents']],
  ])('%s', (_, sql, expected) => {
    expect(new Set(subjects(sql))).toStrictEqual(new Set(expected));
  });

  it('is told once for each table, with what is wrong', () => {
    expect(check.check('select 1 from documents a, documents b, changes c').findings).toStrictEqual([
      { subject: 'documents', problem: 'is not bound to a parameter by organization_id' },
      { subject: 'documents', problem: 'is not bound to a parameter by organization_id' },
      { subject: 'changes', problem: 'is not bound to a parameter by user_id or organization_id' },
    ]);
  });

  it('cannot hide by not being SQL', () => {
    expect(() => check.check('select from where')).toThrow('syntax error');
  });
});
