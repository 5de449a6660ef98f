import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type RequestOptions, TestApp } from '../support/app.js';
import { anOrganization } from '../support/factories.js';
import { expectRefusal, JSON_PATCH, PROFILE, SETTINGS, timedAt, USER, USER_SETTINGS } from './waits.js';

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());

const timed = (method: string, path: string, options: RequestOptions) => timedAt(app, method, path, options);

describe('a request that waits several times', { timeout: 30_000 }, () => {
  /** Holds what a statement locks, from when it is its turn for that, up to the end that is called. */
  async function hold(
    sql: string,
    ids: readonly string[] = [],
  ): Promise<{ held: Promise<unknown>; end: () => Promise<void> }> {
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    const held = runner.query(sql, [...ids]);
    return {
      held,
      end: async () => {
        await held;
        await runner.rollbackTransaction();
        await runner.release();
      },
    };
  }

  it('is refused, too, where others wait for the row already', async () => {
    const organization = await anOrganization(app.dataSource);
    const { id, owner: as } = organization;
    const holder = await hold(PROFILE, [id]);
    await holder.held;
    const first = timed('PUT', `/organization/${id}`, { as, body: { city: 'Ulm' } });
    await sleep(1_000);
    const body = { email: `${randomUUID()}@example.com`, firstName: 'Grace', lastName: 'Hopper' };
    const second = await timed('POST', '/organization/users', { as, body });
    await holder.end();
    expectRefusal(await first);
    expect(second.answer.status).toBe(503);
    expect((await app.request('POST', '/organization/users', { as, body })).status).toBe(201);
  });

  it('is refused after 5 seconds in all, where policies judge it', async () => {
    const { owner, user: as } = await anOrganization(app.dataSource);
    const policy = { enforcement: 'enforce', schema: { user: { type: 'object' } } };
    const body = { policy };
    expect((await app.request('POST', '/settings/organization/policy', { as: owner, body })).status).toBe(200);
    const put = (city: string) => timed('PUT', '/settings/user', { as, body: { city } });
    expect((await put('Bonn')).answer.status).toBe(200);
    const first = await hold(USER_SETTINGS, [as]);
    await first.held;
    const change = put('Ulm');
    await sleep(500);
    // Its turn is between the statement that works out the result and the one that stores it.
    const second = await hold(USER_SETTINGS, [as]);
    await sleep(3_000);
    await first.end();
    const refused = await change;
    await second.end();
    expectRefusal(refused);
    expect((await put('Köln')).answer.status).toBe(200);
  });

  it('is refused after 5 seconds in all, where it is not known yet who sends it', async () => {
    const { id, owner: as, administrator } = await anOrganization(app.dataSource);
    expect((await app.request('PUT', '/settings/organization', { as, body: { a: 1 } })).status).toBe(200);
    const subjects = await hold('lock table user_subjects in access exclusive mode');
    const settings = await hold(SETTINGS, [id]);
    await Promise.all([subjects.held, settings.held]);
    const change = timed('PUT', '/settings/organization', { as: administrator, body: { a: 2 } });
    await sleep(3_500);
    await subjects.end();
    const refused = await change;
    await settings.end();
    expectRefusal(refused);
  });

  it('is refused after 5 seconds in all, where it changes a member behind other work of its caller', async () => {
    const { owner: as, user } = await anOrganization(app.dataSource);
    expect((await app.request('PUT', '/settings/user', { as, body: { a: 1 } })).status).toBe(200);
    const settings = await hold(USER_SETTINGS, [as]);
    const member = await hold(USER, [user]);
    await Promise.all([settings.held, member.held]);
    const body = [{ op: 'add', path: '/b', value: 1 }];
    const patch = app.request('PATCH', '/settings/user', { as, body, headers: JSON_PATCH });
    await sleep(500);
    const change = timed('PUT', `/organization/users/${user}`, { as, body: { name: 'Grace' } });
    await sleep(3_500);
    await settings.end();
    expect((await patch).status).toBe(200);
    const refused = await change;
    await member.end();
    expectRefusal(refused);
  });

  it('is refused after 5 seconds in all, where it waits for one row after the other', async () => {
    const { id, owner: as, user } = await anOrganization(app.dataSource);
    const member = await hold(USER, [user]);
    const profile = await hold(PROFILE, [id]);
    await Promise.all([member.held, profile.held]);
    const change = timed('PUT', `/organization/users/${user}`, { as, body: { name: 'Grace' } });
    await sleep(3_500);
    await member.end();
    const refused = await change;
    await profile.end();
    expectRefusal(refused);
  });

  it('is refused after 5 seconds in all, where it reads names at last', async () => {
    const { owner: as } = await anOrganization(app.dataSource);
    // Three connections are for reads where callers share no statement, else two.
    const strangers = await Promise.all(Array.from({ length: 3 }, () => anOrganization(app.dataSource)));
    expect((await app.request('PUT', '/settings/organization', { as, body: { a: 1 } })).status).toBe(200);
    const history = await hold('lock table organization_changes in access exclusive mode');
    const users = await hold('lock table users in access exclusive mode');
    await Promise.all([history.held, users.held]);
    const list = timed('GET', '/settings/organization/versions', { as });
    // They wait in the database for who they are, and have the connections for reads.
    const others: Promise<Answer>[] = [];
    for (const { owner } of strangers) {
      others.push(app.request('GET', '/settings/user', { as: owner }));
      await sleep(100);
    }
    await sleep(3_300);
    await history.end();
    const refused = await list;
    await users.end();
    await Promise.all(others);
    expectRefusal(refused);
  });
});
