import { describe, expect, it } from 'vitest';
import { check } from './owner-check-sample.js';

describe('a statement that names its owners', () => {
  it.each([
    ['by a parameter', 'select * from members where organization_id = $1'],
    ['with a cast', 'select * from members m where $1::uuid = m.organization_id and m.role > 1'],
    ['among others', 'select name from users where id in ($1, $2, $3)'],
    ['in an array', 'select 1 from documents where organization_id = any($1::uuid[])'],
    ['in an array of parameters', 'select 1 from documents where organization_id = any(array[$1, $2]::uuid[])'],
    ['as a row', 'delete from members where (organization_id, user_id) = ($1, $2)'],
    ['as rows', 'delete from members where (organization_id, user_id) in (($1, $2), ($3, $4))'],
    [
      'as TypeORM writes it',
      `SELECT "User"."id" AS "User_id" FROM "users" "User" WHERE ((("User"."id" = $1))) LIMIT 1`,
    ],
    ['in a schema', 'select 1 from public.members where organization_id = $1'],
    ['under exists', 'select 1 from (select 1) d where exists (select 1 from users u where u.id = $1)'],
    [
      'from one table to the next',
      `select * from members m join organizations o on o.id = m.organization_id and m.organization_id = $1
       left join documents d on d.organization_id = o.id`,
    ],
    [
      'for the nullable side',
      'select 1 from organizations o left join members m on m.organization_id = $1 where o.id = $1',
    ],
    [
      'for the nullable side on the left',
      'select 1 from members m right join organizations o on m.organization_id = o.id where o.id = $1',
    ],
    ['by using', 'select 1 from documents join members using (organization_id) where members.organization_id = $1'],
    [
      'after an outer join',
      'select 1 from organizations o left join members m on true where o.id = $1 and m.organization_id = o.id',
    ],
    [
      'for many callers at once',
      `select q.place, m.role, d.settings from unnest($1::uuid[], $2::text[]) with ordinality q (organization_id, user_id, place)
       left join (members m join organizations o on o.id = m.organization_id)
         on m.organization_id = q.organization_id and m.user_id = q.user_id
       left join documents d on d.organization_id = m.organization_id`,
    ],
    [
      'for many, by a list of elements',
      'select 1 from (select unnest($1::uuid[]) as owner) q join documents d on d.organization_id = q.owner',
    ],
    ['for many, by the alias of a function', 'select 1 from unnest($1::uuid[]) id join organizations o on o.id = id'],
    [
      'for many, in a subquery for each',
      `select found.* from unnest($1::uuid[]) q (owner) cross join lateral (
         select d.version from documents d where d.organization_id = q.owner limit 1) found`,
    ],
    [
      'from a list of values',
      'select 1 from (values ($1, 1), ($2, 2)) v (owner, n) join documents on organization_id = owner',
    ],
    [
      'by a common table expression',
      'with c as materialized (select o.id from organizations o where o.id = $1) select 1 from documents d, c where d.organization_id = c.id',
    ],
    [
      'by its renamed column',
      'with c (x) as (select id from organizations where id = $1) select 1 from documents, c where organization_id = x',
    ],
    [
      'by a star',
      'select 1 from (select * from organizations where id = $1) o join documents d on d.organization_id = o.id',
    ],
    [
      'by what a change returns',
      'with c as (update organizations o set name = $2 where o.id = $1 returning o.id) select 1 from documents d join c on d.organization_id = c.id',
    ],
    [
      'by the query around it',
      'select 1 from organizations o where o.id = $1 and exists (select 1 from documents d where d.organization_id = o.id)',
    ],
    ['by a query', 'select 1 from documents where organization_id in (select id from organizations where id = $1)'],
    [
      'by a single value',
      'select 1 from documents where organization_id = (select id from organizations where id = $1)',
    ],
    [
      'in both parts of a union',
      'select 1 from (select id from organizations where id = $1 union all select id from users where id = $2) u join documents d on d.organization_id = u.id',
    ],
    [
      'by either of two',
      'select 1 from changes where organization_id = $1 union all select 1 from changes where user_id = $1',
    ],
    ['and locks it', 'select 1 from documents d where d.organization_id = $1 for update of d'],
    [
      'in an update',
      'update documents d set version = a.version from (select 1 as version) a where d.organization_id = $1',
    ],
    ['in a delete', 'delete from marks using users u where u.id = $1 and marks.user_id = u.id'],
    ['in an insert', 'insert into members (organization_id, user_id, role) values ($1, $2, 255), ($3, $4, 0)'],
    [
      'in an insert of a query',
      'with c as (select id from users where id = $1) insert into marks (user_id, event_id) select c.id, $2 from c',
    ],
    [
      'in an upsert',
      'insert into marks (user_id, event_id) values ($1, $2) on conflict (user_id, event_id) do update set event_id = $2',
    ],
    [
      'in an insert that may find it there',
      'insert into documents (organization_id) values ($1) on conflict do nothing returning *',
    ],
    ['to a function', 'select document_at($1, d.version) from documents d where d.organization_id = $1'],
    [
      'to a function, by a column',
      'select document_at(d.organization_id, 1) from documents d where d.organization_id = $1',
    ],
    ["and reads what is everybody's", 'select c.name from countries c, users u where u.id = $1'],
    ['because there are none', 'select pg_advisory_xact_lock(hashtextextended($1, 0))'],
    ['because it is the catalog', `select 1 from pg_catalog.pg_class`],
    ['because it is no query', 'START TRANSACTION'],
  ])('%s', (_, sql) => {
    expect(check.check(sql).findings).toStrictEqual([]);
  });
});

describe('the body of a function', () => {
  const plpgsql = (body: string) =>
    `create function f(owner uuid, wanted bigint) returns jsonb language plpgsql as $f$ ${body} $f$`;

  it('is bound to its first argument', () => {
    const { findings, subjects: used } = check.checkFunction(
      plpgsql(`
        declare reached bigint; document jsonb;
        begin
          select d.version, d.settings into reached, document from documents d where d.organization_id = owner;
          if not exists (select from members m where m.organization_id = owner) then return null; end if;
          document := (select d.settings from documents d where d.organization_id = owner);
          for reached in select version from documents where organization_id = owner loop null; end loop;
          return document_at(owner, wanted);
        end`),
    );
    expect(findings).toStrictEqual([]);
    expect(used).toStrictEqual(new Set(['documents', 'members', 'document_at']));
  });

  it.each([
    ['in a statement', 'begin update documents set version = wanted; end'],
    ['with another argument', 'begin return (select settings from documents where organization_id = wanted); end'],
    ['in a condition', 'begin if exists (select from documents) then return null; end if; end'],
    ['in an assignment', 'declare x jsonb; begin x := (select settings from documents); end'],
    ['in a loop', 'declare r record; begin for r in select * from documents loop null; end loop; end'],
    ['in a return', 'begin return (select settings from documents); end'],
  ])('is told when it forgets it %s', (_, body) => {
    expect(check.checkFunction(plpgsql(body)).findings).toMatchObject([{ subject: 'documents' }]);
  });

  it('cannot be put together at run time', () => {
    expect(() => check.checkFunction(plpgsql(`begin execute 'delete from documents'; end`))).toThrow('at run time');
    const loop = `declare r record; begin for r in execute 'table documents' loop null; end loop; end`;
    expect(() => check.checkFunction(plpgsql(loop))).toThrow('at run time');
  });

  it('may be SQL', () => {
    const sql = (body: string) => `create function f(owner uuid) returns jsonb language sql as $f$ ${body} $f$`;
    expect(
      check.checkFunction(sql('select settings from documents where organization_id = owner')).findings,
    ).toStrictEqual([]);
    expect(check.checkFunction(sql('select settings from documents')).findings).toMatchObject([
      { subject: 'documents' },
    ]);
    expect(() => check.checkFunction(sql('').replace('sql', 'plperl'))).toThrow('plperl');
  });
});
