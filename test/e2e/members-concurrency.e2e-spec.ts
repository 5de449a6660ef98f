import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Role } from '../../src/auth/role.js';
import { TestApp } from '../support/app.js';
import { aMember, anOrganization } from '../support/factories.js';
import { untilSessionsWait } from '../support/waiting-sessions.js';

let instances: TestApp[];

beforeAll(async () => {
  const unlimited = { RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_ORGANIZATION_PER_MINUTE: '0' };
  const first = await TestApp.start(unlimited);
  instances = [first, await TestApp.start(unlimited, first.database)];
});
afterAll(async () => {
  for (const instance of instances.toReversed()) await instance.close();
});

const on = (n: number) => instances[n % instances.length]!;
const countOf = async (statement: string, ...values: unknown[]) => {
  const [row] = await on(0).dataSource.query<{ count: string }[]>(statement, values);
  return Number(row!.count);
};

describe('on two instances at once', () => {
  it('100 pairs of owners who remove or demote each other leave one of each', { timeout: 120_000 }, async () => {
    for (let round = 0; round < 10; round++) {
      const pairs = await Promise.all(
        Array.from({ length: 10 }, async () => {
          const { id, owner } = await anOrganization(on(0).dataSource);
          return { id, owners: [owner, await aMember(on(0).dataSource, id, Role.OWNER)] as const };
        }),
      );
      const answers = await Promise.all(
        pairs.flatMap(({ owners: [a, b] }, n) =>
          n % 2 === 0
            ? [
                on(0).request('DELETE', `/organization/users/${b}`, { as: a }),
                on(1).request('DELETE', `/organization/users/${a}`, { as: b }),
              ]
            : [
                on(0).request('PUT', `/user/${b}/role`, { as: a, body: { orgRole: 0 } }),
                on(1).request('PUT', `/user/${a}/role`, { as: b, body: { orgRole: 0 } }),
              ],
        ),
      );
      for (let n = 0; n < answers.length; n += 2) {
        const statuses = [answers[n]!.status, answers[n + 1]!.status].sort();
        // The other one has no right any more, or, where both were owners when they were judged, is the last one.
        expect([[200, 400].join(), [200, 403].join()]).toContain(statuses.join());
      }
      for (const { id } of pairs) {
        const owners = 'select count(*) from members where organization_id = $1 and role = 255 and deleted_at is null';
        expect(await countOf(owners, id)).toBe(1);
      }
    }
  });

  it('50 creations of one email make one user', async () => {
    const organizations = await Promise.all([1, 2, 3].map(() => anOrganization(on(0).dataSource)));
    const email = `${randomUUID()}@example.com`;
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        on(n).request('POST', '/organization/users', {
          as: organizations[n % 3]![n % 2 === 0 ? 'owner' : 'administrator'],
          body: { email, firstName: 'Grace', lastName: 'Hopper' },
        }),
      ),
    );
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(1);
    expect(answers.filter(({ status }) => ![201, 409].includes(status)).map(({ body }) => body)).toStrictEqual([]);
    expect(await countOf('select count(*) from users where email = $1', email)).toBe(1);
  });

  it('nobody gives a role whose own was withdrawn, whoever waits for whom', async () => {
    for (let round = 0; round < 20; round++) {
      const { id, owner, administrator } = await anOrganization(on(0).dataSource);
      const targets = await Promise.all([1, 2, 3, 4].map(() => aMember(on(0).dataSource, id, Role.USER)));
      const withdrawal = on(0).request('PUT', `/user/${administrator}/role`, { as: owner, body: { orgRole: 0 } });
      const gifts = targets.map((target, n) =>
        on(n).request('PUT', `/user/${target}/role`, { as: administrator, body: { orgRole: 254 } }),
      );
      const [withdrawn, ...given] = await Promise.all([withdrawal, ...gifts]);
      expect(withdrawn.status).toBe(200);
      const [row] = await on(0).dataSource.query<{ id: string }[]>(
        `select id from user_changes where user_id = $1 and context = 3`,
        [administrator],
      );
      for (const [n, { status }] of given.entries()) {
        expect([200, 403]).toContain(status);
        const later = await countOf(
          'select count(*) from user_changes where user_id = $1 and context = 3 and id > $2::bigint + 4096',
          targets[n],
          row!.id,
        );
        expect(later).toBe(0);
      }
    }
  });

  it('a creation that waits for an email which is given back keeps it', async () => {
    const { id, owner } = await anOrganization(on(0).dataSource);
    const email = `${randomUUID()}@example.com`;
    const before = await on(0).admin<{ id: string }>(
      'create-user',
      '--email',
      email,
      '--name',
      'A',
      '--organization',
      id,
    );
    await on(0).admin('delete-user', '--user', before.id);
    const holder = on(0).dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('select from user_emails where email = $1 for update', [email]);
    const erasure = on(0).dataSource.query('select erase_user($1)', [before.id]);
    await untilSessionsWait(on(0).dataSource);
    const body = { email, firstName: 'Grace', lastName: 'Hopper' };
    const creation = on(0).request('POST', '/organization/users', { as: owner, body });
    await untilSessionsWait(on(0).dataSource, 2);
    await holder.commitTransaction();
    await holder.release();
    await erasure;
    expect((await creation).status).toBe(201);
    expect((await on(1).request('POST', '/organization/users', { as: owner, body })).status).toBe(409);
  });

  it('changes of one member each get a version of their own', async () => {
    const { owner, user } = await anOrganization(on(0).dataSource);
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        on(n).request('PUT', `/organization/users/${user}`, { as: owner, body: { name: `Name ${n}` } }),
      ),
    );
    const accepted = answers.filter(({ status }) => status === 200);
    expect(answers.filter(({ status }) => ![200, 503].includes(status))).toStrictEqual([]);
    expect(new Set(accepted.map(({ headers }) => headers['etag'])).size).toBe(accepted.length);
    expect(await countOf('select version as count from users where id = $1', user)).toBe(accepted.length);
    expect(await countOf('select count(*) from user_changes where user_id = $1 and context = 3', user)).toBe(
      accepted.length,
    );
  });

  it('an erasure leaves nothing of who waited to change somebody', async () => {
    const { id, owner } = await anOrganization(on(0).dataSource);
    const administrator = await aMember(on(0).dataSource, id, Role.ADMINISTRATOR);
    const target = await aMember(on(0).dataSource, id, Role.USER);
    await on(0).request('PUT', `/user/${target}`, { as: administrator, body: { name: 'First' } });
    await on(0).request('DELETE', `/organization/users/${administrator}`, { as: owner });
    await on(0).admin('erase-user', '--user', administrator);
    expect((await on(1).request('PUT', `/user/${target}`, { as: administrator, body: { name: 'x' } })).status).toBe(
      403,
    );
    expect(await countOf('select count(*) from user_changes where actor_id = $1', administrator)).toBe(0);
  });
});
