import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { JWT_SECRET } from '../support/app.js';
import { aDatabase, type TestDatabase } from '../support/database.js';
import { aFolder, runAdmin, runService } from '../support/process.js';
import { onServer, POOLER, SERVER_URL } from '../support/server.js';
import { PgBouncer } from './pgbouncer.js';

vi.setConfig({ testTimeout: 60_000 });

describe.runIf(POOLER !== undefined)('a PgBouncer that sets nothing, on a database with defaults of its owner', () => {
  let folder: Awaited<ReturnType<typeof aFolder>>;
  let pgbouncer: PgBouncer;
  let database: TestDatabase;
  let name: string;

  beforeAll(async () => {
    folder = await aFolder();
    pgbouncer = await PgBouncer.start(SERVER_URL!, /connect_query='.*'/);
  });
  afterAll(async () => {
    await pgbouncer.stop();
    await folder.remove();
  });
  beforeEach(async () => {
    database = await aDatabase();
    name = new URL(database.variables['DATABASE_URL']!).pathname.slice(1);
  });
  afterEach(() => database.drop());

  const variables = () => {
    const url = new URL(database.variables['DATABASE_URL']!);
    url.host = pgbouncer.address;
    return { ...database.variables, DATABASE_URL: url.href, JWT_SECRET, NODE_ENV: 'production', PORT: '0' };
  };

  it.each([
    ['default_transaction_isolation', "'serializable'", 'is serializable and must be read committed'],
    ['DateStyle', "'German'", 'is German, DMY and must be ISO'],
    ['array_nulls', 'off', 'is off and must be on'],
    ['search_path', 'nowhere', 'is nowhere and must be public'],
    ['synchronous_commit', 'off', 'is off and must be on'],
  ])('is refused in a line that names %s', async (setting, value, problem) => {
    await onServer(`alter database ${name} set ${setting} = ${value}`);
    const expected = {
      code: 1,
      stdout: '',
      stderr:
        'The database cannot be used: a pooler keeps back what the service asks for, and has to set it itself ' +
        `(docs/scaling.md): ${setting} ${problem}\n`,
    };
    expect(await runService(folder.path, variables())).toStrictEqual(expected);
    expect(await runAdmin(folder.path, ['list-users'], variables())).toStrictEqual(expected);
  });
});
