import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AbsentNode } from '../support/absent-node.js';
import { TestApp } from '../support/app.js';
import { aDatabase, type TestDatabase } from '../support/database.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { POOLER } from '../support/server.js';
import { Wire } from '../support/wire.js';

vi.setConfig({ testTimeout: 60_000 });

describe.runIf(POOLER === undefined)(
  'a node of a distributed database that is away, and for which another answers',
  () => {
    const node = new AbsentNode();
    let database: TestDatabase;
    let wire: Wire;
    let app: TestApp;
    let away: TestOrganization;
    let others: TestOrganization[];

    beforeAll(async () => {
      database = await aDatabase();
      wire = new Wire(database.directUrl, node.relay);
      await wire.mend();
      app = await TestApp.start(
        { DATABASE_URL: wire.through(database.variables['DATABASE_URL']!), DATABASE_SHARED_STATEMENTS: 'false' },
        database,
      );
      away = await anOrganization(app.dataSource);
      others = await Promise.all(Array.from({ length: 3 }, () => anOrganization(app.dataSource)));
    });
    afterEach(() => node.owners.clear());
    afterAll(async () => {
      await app.close();
      await wire.cut();
      await database.drop();
    });

    const ask = async (method: 'GET' | 'PUT', path: string, as: string) =>
      app.request(method, path, { as, ...(method === 'PUT' && { body: { some: 'value' } }) });
    const askAll = (owners: readonly TestOrganization[]) =>
      Promise.all(
        owners.flatMap(({ id, owner, administrator }) => [
          ask('GET', '/settings/organization', owner),
          ask('PUT', '/settings/organization', administrator),
          ask('GET', `/organization/${id}`, owner),
          ask('GET', '/settings/organization/versions', owner),
        ]),
      );
    /** Sessions of the service whose last statement says that. */
    const sessions = async (saying = '') => {
      const rows = await app.dataSource.query<{ pid: number }[]>(
        `select pid from pg_stat_activity
         where datname = current_database() and application_name = 'flashback-backend' and strpos(query, $1) > 0
         order by pid`,
        [saying],
      );
      return rows.map(({ pid }) => pid);
    };

    it('fails the statements for that node alone, and costs no connection', async () => {
      for (const { status } of await askAll([away, ...others])) expect(status).toBe(200);
      // Those of the start are given up when nobody needs them.
      const before = await sessions('$1::');
      expect(before.length).toBeGreaterThan(4);

      node.owners.add(away.id);
      for (let round = 0; round < 20; round++) {
        const [failed, ...answered] = await Promise.all([askAll([away]), askAll(others)]);
        for (const { status } of failed) expect(status).toBe(500);
        for (const { status } of answered.flat()) expect(status).toBe(200);
      }
      expect(node.answered).toBeGreaterThanOrEqual(20 * 4);
      expect(await sessions()).toStrictEqual(expect.arrayContaining(before));
      const refused = await ask('GET', '/settings/organization', away.owner);
      expect(refused.body).toStrictEqual({
        success: false,
        message: 'Internal server error',
        error: 'Database connection failed',
      });
      expect((await app.request('GET', '/health')).status).toBe(200);

      node.owners.clear();
      for (const { status } of await askAll([away, ...others])) expect(status).toBe(200);
    });
  },
);
