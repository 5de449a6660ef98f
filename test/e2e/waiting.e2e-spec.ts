import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RequestOptions, TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { TableLock } from '../support/table-lock.js';
import {
  expectRefusal,
  JSON_PATCH,
  LIMIT_MS,
  PROFILE,
  SETTINGS,
  SLACK_MS,
  timedAt,
  USER,
  USER_SETTINGS,
} from './waits.js';

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

const timed = (method: string, path: string, options: RequestOptions, at = app) => timedAt(at, method, path, options);

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
