import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { readOwnedSchema } from '../tenants/owned-schema.js';
import type { OwnedSchema } from '../tenants/owner-check.js';
import { within } from './connection.js';
import { migrate } from './migrate.js';
import { BINARIES, OLDEST_VERSION } from './postgres-programs.js';
import { PostgresServer } from './postgres-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The migrated database that tests clone: its name on the server. */
    template: string;
    /** What the check of all statements knows of it. */
    schema: OwnedSchema;
    /** The folder in which embedded-data.ts makes what tests copy. */
    embeddedData: string;
  }
}

/** For tests that come and go: nothing has to survive a power cut. */
const FLEETING = { fsync: 'off', full_page_writes: 'off', max_connections: 300 };

const LEFT_OUT = `
No PostgreSQL server: DATABASE_URL names none, and PostgreSQL's programs (${OLDEST_VERSION} or newer) are not here to start one.
Left out were all tests that need one: *.e2e-spec.ts, but for those in test/embedded. The unit tests ran, and the service was
started and tried on its embedded database.
`;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const embeddedData = await mkdtemp(join(tmpdir(), 'flashback-embedded-'));
  project.provide('embeddedData', embeddedData);
  const own = await ownServer();
  // Not before, because it reads the environment.
  const { directUrlOf, onServer, SERVER_URL } = await import('./server.js');
  if (SERVER_URL === undefined) {
    return async () => {
      process.stdout.write(LEFT_OUT);
      await rm(embeddedData, { recursive: true });
    };
  }
  const template = `flashback_test_${process.pid}`;
  await onServer(`create database ${template}`);
  await migrate({ DATABASE_URL: directUrlOf(template) });
  project.provide('template', template);
  project.provide('schema', await within(directUrlOf(template), readOwnedSchema));
  return async () => {
    await onServer(`drop database if exists ${template} with (force)`);
    await own?.drop();
    await rm(embeddedData, { recursive: true });
  };
}

/**
 * Where nobody names a server, one of this run, if PostgreSQL's programs are there: `DATABASE_URL` then names that one.
 */
async function ownServer(): Promise<PostgresServer | undefined> {
  if (process.env['DATABASE_URL'] || BINARIES === undefined) return undefined;
  const server = await PostgresServer.start(FLEETING);
  process.env['DATABASE_URL'] = server.url();
  return server;
}
