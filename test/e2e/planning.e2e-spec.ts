import { describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization } from '../support/factories.js';
import { POOLER } from '../support/server.js';

/** What a session knows of the statements that it prepared. */
const PREPARED = `select name, generic_plans::integer as generic, custom_plans::integer as custom
  from pg_prepared_statement()`;

interface PreparedStatement {
  name: string;
  generic: number;
  custom: number;
}

// Behind a pooler, statements may have no names, and sessions other settings.
describe.runIf(POOLER === undefined)('the statements of requests', () => {
  it('are planned once for each connection, however many calls they serve', async () => {
    const variables = { DATABASE_POOL_SIZE: '3', DATABASE_SHARED_STATEMENTS: 'true' };
    const app = await TestApp.start(variables, undefined, { preload: ['sessions.js'] });
    try {
      const { id, owner } = await anOrganization(app.dataSource);
      const read = () => app.request('GET', '/settings/organization', { as: owner });
      for (let n = 0; n < 8; n++) expect((await read()).status).toBe(200);
      for (let n = 0; n < 8; n++) await Promise.all([read(), read(), read()]);
      for (let n = 0; n < 8; n++) {
        await app.request('PUT', `/organization/${id}`, { as: owner, body: { city: `City ${n}` } });
      }
      const prepared = (await app.process.ask<PreparedStatement[][]>('sessions', PREPARED)).flat();
      const reads = prepared.filter(({ name }) => name === 'organization-settings-read');
      expect(reads).toMatchObject([{ custom: 0 }]);
      expect(reads[0]!.generic).toBeGreaterThan(8);
      const changes = prepared.filter(({ name }) => name === 'organization-change');
      expect(changes).toMatchObject([{ generic: 8, custom: 0 }]);
    } finally {
      await app.close();
    }
  });
});
