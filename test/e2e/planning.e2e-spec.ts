import { describe, expect, it } from 'vitest';
import { StatementRunner } from '../../src/database/statement-runner.js';
import { TestApp } from '../support/app.js';
import { anOrganization } from '../support/factories.js';
import { POOLER, SERVER_URL } from '../support/server.js';

/** What a session knows of the statements that it prepared. */
const PREPARED = {
  name: 'prepared',
  text: `select name, generic_plans::integer as generic, custom_plans::integer as custom from pg_prepared_statement()`,
};

// Behind a pooler, statements may have no names, and sessions other settings.
describe.runIf(SERVER_URL !== undefined && POOLER === undefined)('the statements of requests', () => {
  it('are planned once for each connection, however many questions they answer', async () => {
    const app = await TestApp.start({ DATABASE_POOL_SIZE: '3' });
    try {
      const { id, owner } = await anOrganization(app.dataSource);
      const read = () => app.request('GET', '/settings/organization', { as: owner });
      for (let n = 0; n < 8; n++) expect((await read()).status).toBe(200);
      for (let n = 0; n < 8; n++) await Promise.all([read(), read(), read()]);
      for (let n = 0; n < 8; n++) {
        await app.request('PUT', `/organization/${id}`, { as: owner, body: { city: `City ${n}` } });
      }
      const sessions = app.nest.get(StatementRunner);
      const ofChanges = await sessions.run<{ name: string; generic: number; custom: number }>(PREPARED, []);
      const ofReads = await sessions
        .share<{ place: string; name: string; generic: number; custom: number }>({
          ...PREPARED,
          question: { name: 'varchar' },
          text: (q) => `select q.place, p.* from ${q} join (${PREPARED.text}) p on p.name = q.name`,
        })
        .ask(['organization-settings-read']);
      expect(ofReads).toMatchObject({ custom: 0 });
      expect(ofReads!.generic).toBeGreaterThan(8);
      expect(ofChanges.find(({ name }) => name === 'organization-update-together')).toMatchObject({
        generic: 8,
        custom: 0,
      });
    } finally {
      await app.close();
    }
  });
});
