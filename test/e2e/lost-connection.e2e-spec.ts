import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { POOLER, SERVER_URL } from '../support/server.js';

/** Sessions of the service that are not the tests' own. */
const SESSIONS = `datname = current_database() and application_name = 'flashback-backend'`;

/** Behind a pooler, the sessions are its own. */
describe.runIf(SERVER_URL !== undefined && POOLER === undefined)('a connection that is lost', () => {
  let app: TestApp;
  let organizations: TestOrganization[];

  beforeAll(async () => {
    // So many that all four wait for their locks at once.
    app = await TestApp.start({ DATABASE_POOL_SIZE: '20' });
    organizations = await Promise.all(Array.from({ length: 4 }, () => anOrganization(app.dataSource)));
  });
  afterAll(() => app.close());

  const put = ({ owner }: TestOrganization, body: object) =>
    app.request('PUT', '/settings/organization', { as: owner, body });
  const sessions = async (condition: string): Promise<number[]> => {
    const rows = await app.dataSource.query<{ pid: number }[]>(
      `select pid from pg_stat_activity where ${SESSIONS} and pid <> pg_backend_pid() and ${condition}`,
    );
    return rows.map(({ pid }) => pid);
  };
  const terminate = (pids: number[]) =>
    app.dataSource.query(`select pg_terminate_backend(p, 5000) from unnest($1::integer[]) p`, [pids]);

  /** Changes of several organizations that wait for a lock, each on a connection of its own. */
  async function whileChangesWait(meanwhile: (waiting: number[]) => Promise<unknown>) {
    const holder = app.dataSource.createQueryRunner();
    await holder.startTransaction();
    for (const organization of organizations) {
      await put(organization, { first: 1 });
      await holder.query('select from organization_settings where organization_id = $1 for update', [organization.id]);
    }
    const answers = organizations.map((organization) => put(organization, { second: 2 }));
    let waiting: number[] = [];
    for (const end = performance.now() + 10_000; waiting.length < organizations.length; await sleep(10)) {
      // At first they wait for a moment only, and then take turns.
      waiting = await sessions(`wait_event_type = 'Lock' and query_start < now() - interval '0.2 s'`);
      if (performance.now() > end) throw new Error(`After 10 s ${waiting.length} changes wait for their locks`);
    }
    await meanwhile(waiting);
    await holder.commitTransaction();
    await holder.release();
    return (await Promise.all(answers)).map(({ status }) => status);
  }

  it('while it is idle costs nobody anything', async () => {
    const statuses = await whileChangesWait(async () => {
      // Reads open the connections that are to be idle.
      await Promise.all(organizations.map(({ user }) => app.request('GET', '/settings/organization', { as: user })));
      const idle = await sessions(`state = 'idle'`);
      expect(idle.length).toBeGreaterThan(0);
      await terminate(idle);
      for (const { user } of organizations) {
        expect((await app.request('GET', '/settings/organization', { as: user })).status).toBe(200);
      }
    });
    expect(statuses).toStrictEqual(organizations.map(() => 200));
  });

  it('while it runs a statement costs that statement, and no other', async () => {
    const statuses = await whileChangesWait(([one]) => terminate([one!]));
    expect(statuses.toSorted()).toStrictEqual([...Array.from({ length: 3 }, () => 200), 500]);
  });
});
