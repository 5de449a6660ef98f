import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization } from '../support/factories.js';
import { MODE } from '../support/mode.js';
import { POOLER } from '../support/server.js';

/** A session of the service tells how its statements went once it is idle, at most once a second. */
const TOLD = { timeout: 30_000, interval: 250 };

describe.runIf(POOLER === undefined && MODE['DATABASE_SHARED_STATEMENTS'] !== 'false')(
  'how statements are planned',
  () => {
    let app: TestApp;

    beforeAll(async () => {
      app = await TestApp.start();
    });
    afterAll(() => app.close());

    it('looks for policies by their index, though there are none', async () => {
      const { id, owner } = await anOrganization(app.dataSource);
      const looks = async (): Promise<{ scans: number; index: number }> => {
        const [row] = await app.dataSource.query<{ scans: string; index: string }[]>(
          `select seq_scan as scans, idx_scan as index from pg_stat_user_tables where relname = 'policies_in_force'`,
        );
        return { scans: Number(row!.scans), index: Number(row!.index) };
      };
      // Of a table that was never vacuumed PostgreSQL supposes that it has ten pages.
      await app.dataSource.query('vacuum policies_in_force');
      const before = await looks();
      const path = '/settings/organization';
      for (let n = 0; n < 5; n++) await app.request('PUT', path, { as: owner, body: { [id]: n } });
      await vi.waitFor(async () => expect((await looks()).index).toBeGreaterThanOrEqual(before.index + 5), TOLD);
      expect((await looks()).scans).toBe(before.scans);
    });
  },
);
