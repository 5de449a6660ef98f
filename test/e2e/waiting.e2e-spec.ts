import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type RequestOptions, TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { TableLock } from '../support/table-lock.js';

/** What is promised, in milliseconds, and how much later an answer may come on a busy machine. */
const LIMIT_MS = 5_000;
const SLACK_MS = 1_900;

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());

/** Has somebody hold the locks of rows meanwhile. */
async function whileLocked<Result>(sql: string, ids: readonly string[], work: () => Promise<Result>): Promise<Result> {
  const runner = app.dataSource.createQueryRunner();
  await runner.startTransaction();
  try {
    for (const id of ids) await runner.query(sql, [id]);
    return await work();
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
}

interface Timed {
  answer: Answer;
  ms: number;
}

async function timed(method: string, path: string, options: RequestOptions, at = app): Promise<Timed> {
  const start = performance.now();
  const answer = await at.request(method, path, options);
  return { answer, ms: performance.now() - start };
}

function expectRefusal({ answer, ms }: Timed): void {
  expect(answer.status).toBe(503);
  expect(answer.headers['retry-after']).toBe('1');
  expect(ms).toBeGreaterThan(LIMIT_MS - 100);
  expect(ms).toBeLessThan(LIMIT_MS + SLACK_MS);
}

const SETTINGS = 'select from organization_settings where organization_id = $1 for update';
const USER_SETTINGS = 'select from user_settings where user_id = $1 for update';
const PROFILE = 'select from organizations where id = $1 for update';
const USER = 'select from users where id = $1 for update';
const JSON_PATCH = { 'content-type': 'application/json-patch+json' };

describe('a change of a row that somebody holds', { timeout: 30_000 }, () => {
  it.each([
    {
      what: 'settings of an organization',
      lock: SETTINGS,
      idOf: ({ id }: TestOrganization) => id,
      writer: ({ owner }: TestOrganization) => owner,
      path: () => '/settings/organization',
    },
    {
      what: 'settings of a user',
      lock: USER_SETTINGS,
      idOf: ({ user }: TestOrganization) => user,
      writer: ({ user }: TestOrganization) => user,
      path: () => '/settings/user',
    },
    {
      what: 'a profile',
      lock: PROFILE,
      idOf: ({ id }: TestOrganization) => id,
      writer: ({ owner }: TestOrganization) => owner,
      path: ({ id }: TestOrganization) => `/organization/${id}`,
    },
  ])('waits 5 seconds, is refused, and may be sent again: $what', async ({ lock, idOf, writer, path }) => {
    const organization = await anOrganization(app.dataSource);
    const as = writer(organization);
    const put = (city: string) => timed('PUT', path(organization), { as, body: { city } });
    expect((await put('Bonn')).answer.status).toBe(200);
    const before = (await app.request('GET', path(organization), { as })).text;
    // The second waits for the first, then for its own turn.
    const answers = await whileLocked(lock, [idOf(organization)], () => Promise.all([put('Ulm'), put('Köln')]));
    answers.forEach(expectRefusal);
    expect((await app.request('GET', path(organization), { as })).text).toBe(before);
    expect((await put('Ulm')).answer.status).toBe(200);
  });

  it('waits no longer for a connection and for the row together, however many rows are held', async () => {
    const organizations = await Promise.all(Array.from({ length: 12 }, () => anOrganization(app.dataSource)));
    for (const { owner: as } of organizations) {
      await app.request('PUT', '/settings/organization', { as, body: { a: 1 } });
    }
    const answers = await whileLocked(
      SETTINGS,
      organizations.map(({ id }) => id),
      () =>
        Promise.all(
          organizations.flatMap(({ owner: as }) => [
            timed('PUT', '/settings/organization', { as, body: { a: 2 } }),
            timed('PATCH', '/settings/organization', {
              as,
              body: [{ op: 'add', path: '/b', value: 1 }],
              headers: JSON_PATCH,
            }),
          ]),
        ),
    );
    for (const { answer, ms } of answers) {
      expect(answer.status).toBe(503);
      expect(ms).toBeLessThan(LIMIT_MS + SLACK_MS);
    }
  });
});

describe('a request that waits for rows of people', { timeout: 30_000 }, () => {
  it.each([
    {
      what: 'a change of a member',
      lock: USER,
      idOf: ({ user }: TestOrganization) => user,
      send: ({ owner: as, user }: TestOrganization) =>
        timed('PUT', `/organization/users/${user}`, { as, body: { name: 'Grace' } }),
    },
    {
      what: 'a new member',
      lock: PROFILE,
      idOf: ({ id }: TestOrganization) => id,
      send: ({ owner: as }: TestOrganization) =>
        timed('POST', '/organization/users', {
          as,
          body: { email: `${randomUUID()}@example.com`, firstName: 'Grace', lastName: 'Hopper' },
        }),
    },
    {
      what: 'a first request',
      lock: USER,
      idOf: ({ billing }: TestOrganization) => billing,
      send: ({ billing: as }: TestOrganization) => timed('GET', '/settings/user', { as }),
    },
    {
      what: 'an estimate of whom a change touches',
      lock: PROFILE,
      idOf: ({ id }: TestOrganization) => id,
      send: ({ owner: as }: TestOrganization) =>
        timed('PUT', '/settings/organization?dryRun=true&impact=true', { as, body: { a: 1 } }),
    },
  ])('is refused after 5 seconds, and may be sent again: $what', async ({ lock, idOf, send }) => {
    const organization = await anOrganization(app.dataSource);
    await app.dataSource.query('update users set validated = false where id = $1', [organization.billing]);
    const answers = await whileLocked(lock, [idOf(organization)], () =>
      Promise.all([send(organization), send(organization)]),
    );
    answers.forEach(expectRefusal);
    expect((await send(organization)).answer.status).toBeLessThan(300);
  });
});

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

describe('a request behind background work, where there are few connections', { timeout: 30_000 }, () => {
  it('is refused after 5 seconds, and may be sent again', async () => {
    const few = await TestApp.start({ DATABASE_POOL_SIZE: '3' }, undefined, { preload: ['background-work.js'] });
    try {
      const organizations = await Promise.all([anOrganization(few.dataSource), anOrganization(few.dataSource)]);
      const list = await TableLock.hold(few.dataSource, 'organizations_to_thin');
      const thinning = few.process.ask('thin').catch(() => undefined);
      await list.isWaitedFor();
      const versions = ({ owner: as }: TestOrganization) =>
        timed('GET', '/settings/organization/versions', { as }, few);
      const answers = await Promise.all(organizations.map(versions));
      await list.release();
      await thinning;
      answers.forEach(expectRefusal);
      for (const organization of organizations) expect((await versions(organization)).answer.status).toBe(200);
    } finally {
      await few.close();
    }
  });
});
