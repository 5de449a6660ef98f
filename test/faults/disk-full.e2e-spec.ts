import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { TestApp } from '../support/app.js';
import { describeWithPostgres } from '../support/describe-with-postgres.js';
import { anOrganization } from '../support/factories.js';
import { giveToServer, PostgresServer } from '../support/postgres-server.js';
import { SmallDisk } from '../support/small-disk.js';
import { expectDocumented } from './documented.js';
import { Load } from './load.js';

const PATH = '/settings/organization';
const isPossible = SmallDisk.isPossible();

vi.setConfig({ testTimeout: 120_000 });

describeWithPostgres(`a disk${isPossible ? '' : ' (skipped: no right to mount one)'}`, () => {
  let disk: SmallDisk;
  let server: PostgresServer;
  let app: TestApp;

  beforeAll(async () => {
    if (!isPossible) return;
    disk = SmallDisk.mount(16);
    giveToServer(disk.folder);
    server = await PostgresServer.start();
    await server.query(`create tablespace small location '${disk.folder}'`);
    await server.query('alter database postgres set default_tablespace = small');
    app = await TestApp.start({ MIGRATE_ON_START: 'true', RATE_LIMIT_PER_MINUTE: '0' }, server);
  });
  afterAll(async () => {
    await app?.close();
    await server?.drop();
    await disk?.unmount();
  });

  it.runIf(isPossible)(
    'that is full fails changes alone, none of them by half, until there is space again',
    async () => {
      const { owner } = await anOrganization(app.dataSource);
      const send = async (method: string, body?: object) => {
        const answer = await app.request(method, PATH, { as: owner, body });
        expectDocumented(method, PATH, answer);
        return answer;
      };
      const large = () => ({ large: randomBytes(150_000).toString('base64') });
      expect((await send('PUT', { before: 1 })).status).toBe(200);
      const load = new Load((...request) => app.request(...request), await anOrganization(app.dataSource));
      await load.flows();

      disk.fill();
      const refused = await send('PUT', large());
      expect(refused.status).toBe(500);
      expect(refused.body).toStrictEqual({ success: false, message: 'Internal server error' });
      const read = await send('GET');
      expect(read.body).toStrictEqual({ success: true, settings: { before: 1 } });
      expect(read.headers['etag']).toMatch(/^"1-/);
      expect((await app.request('GET', '/health')).status).toBe(200);

      disk.free();
      const change = large();
      expect((await send('PUT', change)).status).toBe(200);
      expect((await send('GET')).body).toStrictEqual({ success: true, settings: { before: 1, ...change } });
      await load.flows();
      await load.end(server);
    },
  );
});
