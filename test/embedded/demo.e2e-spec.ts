import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { aFolder, ServiceProcess } from '../support/process.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const ALL = [
  'administrator@acme.example',
  'billing@acme.example',
  'owner@acme.example',
  'user@acme.example',
  'workspaces@acme.example',
];

let folder: Awaited<ReturnType<typeof aFolder>>;

beforeAll(async () => {
  folder = await aFolder();
});
afterAll(() => folder.remove());

/** Starts the service, which makes the demo data, and stops it. */
async function startOnce<T>(look: (service: ServiceProcess) => T | Promise<T>): Promise<T> {
  const service = await ServiceProcess.start(folder.path);
  try {
    return await look(service);
  } finally {
    expect(await service.kill('SIGTERM')).toBe(0);
  }
}

/** Works on the database while no service does. */
async function within<T>(work: (database: PGlite) => Promise<T>): Promise<T> {
  const database = await PGlite.create(join(folder.path, '.data', 'postgres'));
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

async function emails(database: PGlite): Promise<string[]> {
  const { rows } = await database.query<{ email: string }>('select email from users order by email');
  return rows.map(({ email }) => email);
}

it('makes one user for each role, and what is missing when it was interrupted', async () => {
  await startOnce(() => undefined);
  await within(async (database) => {
    expect(await emails(database)).toStrictEqual(ALL);
    await database.query('delete from members');
    await database.query(`delete from users where email <> 'billing@acme.example'`);
  });
  await startOnce(async (service) => {
    const answer = await fetch(`${service.url}/settings/organization`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${service.token('demo owner')}`, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(answer.status).toBe(200);
  });
  expect(await within(emails)).toStrictEqual(ALL);
});

it('leaves alone what is not its own', async () => {
  const before = await within(async (database) => {
    await database.query('truncate organizations, users cascade');
    await database.query(
      `insert into organizations (id, name, domain) values (gen_random_uuid(), 'Somebody', 'somebody.example.com')`,
    );
    await database.query(`insert into users (id, email, name) values ('somebody', 'somebody@example.com', 'Ada')`);
    return emails(database);
  });
  const greeting = await startOnce((service) => service.greeting);
  expect(greeting).not.toContain('Token of');
  expect(await within(emails)).toStrictEqual(before);
});
