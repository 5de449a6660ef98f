import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { JWT_SECRET } from '../support/app.js';
import { aBareDatabase } from '../support/database.js';
import { aFolder, runService, ServiceProcess } from '../support/process.js';
import { POOLER, urlOf } from '../support/server.js';

vi.setConfig({ testTimeout: 120_000 });

let folder: Awaited<ReturnType<typeof aFolder>>;
let running: ServiceProcess[];

beforeEach(async () => {
  folder = await aFolder();
  running = [];
});
afterEach(async () => {
  for (const service of running) await service.kill('SIGKILL');
  await folder.remove();
});

const start = async (variables?: Record<string, string>) => {
  const service = await ServiceProcess.start(folder.path, variables);
  running.push(service);
  return service;
};

// A pooler has callers wait for the server's word, whatever it is.
describe.runIf(POOLER === undefined)('a database that cannot be', () => {
  it('is not waited for when the server says that there is none', async () => {
    const { code, stderr } = await runService(folder.path, { DATABASE_URL: urlOf('there_is_no_such_database') });
    expect(code).toBe(1);
    expect(stderr).toBe('The database cannot be reached: database "there_is_no_such_database" does not exist\n');
  });
});

describe('in production, on a server', () => {
  const production = (url: string) => ({
    NODE_ENV: 'production',
    DATABASE_URL: url,
    JWT_SECRET,
  });

  it('does not migrate unless told to, and refuses an older schema', async () => {
    const database = await aBareDatabase();
    const variables = production(database.variables['DATABASE_URL']!);
    const refused = await runService(folder.path, { ...variables, PORT: '0' });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toBe(
      'The database schema is older than this version needs: run "npm run migration:run", or set MIGRATE_ON_START=true\n',
    );
    const service = await start({ ...variables, MIGRATE_ON_START: 'true' });
    expect((await fetch(`${service.url}/health`)).status).toBe(200);
    expect(await service.kill('SIGTERM')).toBe(0);
    const again = await start(variables);
    await vi.waitUntil(() => again.greeting.includes(`Listening on ${again.url}`));
    expect(again.greeting).not.toContain('Try it');
    await again.kill('SIGKILL');
    await database.drop();
  });
});
