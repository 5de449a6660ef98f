import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { aDatabase, type TestDatabase } from '../support/database.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { Wire } from '../support/wire.js';

describe('a database that goes away', () => {
  let wire: Wire;
  let database: TestDatabase;
  let app: TestApp;
  let organization: TestOrganization;

  beforeAll(async () => {
    wire = new Wire();
    await wire.mend();
    database = await aDatabase();
    app = await TestApp.start({ DATABASE_URL: wire.through(database.variables['DATABASE_URL']!) }, database);
    organization = await anOrganization(app.dataSource);
  });
  afterAll(async () => {
    await app.close();
    await wire.cut();
    await database.drop();
  });

  const put = (body: unknown) => app.request('PUT', '/settings/organization', { as: organization.owner, body });
  const get = (path: string) => app.request('GET', path, { as: organization.owner });

  it('is told in the documented words, and comes back by itself', async () => {
    expect((await put({ before: 1 })).status).toBe(200);
    await wire.cut();

    const FAILED = { success: false, message: 'Internal server error', error: 'Database connection failed' };
    for (const answer of [await put({ during: 1 }), await get('/settings/organization'), await get('/settings/user')]) {
      expect(answer.status).toBe(500);
      expect(answer.body).toStrictEqual(FAILED);
    }
    const profile = await get(`/organization/${organization.id}`);
    expect(profile.status).toBe(500);
    expect(profile.body).toStrictEqual({ success: false, data: null, message: 'Internal server error' });
    const health = await get('/health');
    expect(health.status).toBe(503);
    expect(health.body).toStrictEqual({
      success: false,
      message: 'Service unavailable',
      dependencies: { database: { status: 'down' } },
    });
    expect((await get('/health/live')).status).toBe(200);

    await wire.mend();
    expect((await put({ after: 1 })).status).toBe(200);
    expect((await get('/health')).status).toBe(200);
    expect((await get('/settings/organization')).body).toStrictEqual({
      success: true,
      settings: { before: 1, after: 1 },
    });
  });

  it('loses no acknowledged change when it is cut off in the middle of writing', async () => {
    const acknowledged = new Set<string>();
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let n = 0; n < 40; n++) {
        const key = `w${writer}n${n}`;
        const { status } = await put({ [key]: n });
        expect([200, 500]).toContain(status);
        if (status === 200) acknowledged.add(key);
      }
    });
    await new Promise((wake) => setTimeout(wake, 50));
    await wire.cut();
    await new Promise((wake) => setTimeout(wake, 50));
    await wire.mend();
    await Promise.all(writers);
    const { settings } = (await get('/settings/organization')).body as { settings: Record<string, number> };
    expect(acknowledged.size).toBeGreaterThan(0);
    for (const key of acknowledged) expect(settings).toHaveProperty(key);
  });

  it('is given up after a while when it is gone without a word, and comes back by itself', async () => {
    await Promise.all(Array.from({ length: 16 }, (_, n) => put({ [`before${n}`]: n })));
    wire.silence();
    const start = performance.now();
    const answers = await Promise.all(Array.from({ length: 16 }, () => get('/settings/organization')));
    for (const { status } of answers) expect([200, 500]).toContain(status);
    expect(performance.now() - start).toBeLessThan(20_000);
    expect((await put({ after: 'silence' })).status).toBe(200);
    expect((await get('/health')).status).toBe(200);
  });

  it('hurts one request at most when the server ends our sessions', async () => {
    await put({ a: 1 });
    await app.dataSource
      .query(
        `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`,
      )
      .catch(() => undefined);
    await new Promise((wake) => setTimeout(wake, 200));
    for (let n = 0; n < 5; n++) expect((await put({ a: n })).status).toBe(200);
  });
});
