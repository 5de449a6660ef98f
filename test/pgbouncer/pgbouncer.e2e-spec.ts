import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { within } from '../support/connection.js';
import { aDatabase } from '../support/database.js';
import { describeWithPostgres } from '../support/describe-with-postgres.js';
import { PostgresServer } from '../support/postgres-server.js';
import { POOLER } from '../support/server.js';
import { PgBouncer } from './pgbouncer.js';

describe.runIf(POOLER !== undefined)('the documented PgBouncer', () => {
  it('has the server end statements before the service gives them up', async () => {
    const database = await aDatabase();
    const { rows } = await within(database.variables['DATABASE_URL']!, (client) =>
      client.query('show statement_timeout'),
    );
    expect(rows).toStrictEqual([{ statement_timeout: '7s' }]);
    await database.drop();
  });

  describeWithPostgres('in front of a standby', () => {
    let primary: PostgresServer;
    let standby: PostgresServer;
    let pgbouncer: PgBouncer;

    beforeAll(async () => {
      primary = await PostgresServer.start();
      standby = await primary.startStandby('standby');
      pgbouncer = await PgBouncer.start(standby.url());
    });
    afterAll(async () => {
      await pgbouncer.stop();
      await standby.drop();
      await primary.drop();
    });

    it('uses none of its sessions until it is the primary', async () => {
      const client = () => {
        const made = new pg.Client({ connectionString: `postgres://postgres@${pgbouncer.address}/postgres` });
        made.on('error', () => undefined);
        return made;
      };
      await expect(client().connect()).rejects.toMatchObject({ code: '08P01', message: 'query_wait_timeout' });
      await standby.promote();
      const connected = client();
      await connected.connect();
      expect((await connected.query('select pg_is_in_recovery() as standby')).rows).toStrictEqual([{ standby: false }]);
      await connected.end();
    });
  });
});
