import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import jwt from 'jsonwebtoken';
import { describe, expect, it, vi } from 'vitest';
import { Role } from '../../src/auth/role.js';
import { Load } from '../faults/load.js';
import { type Answer, JWT_SECRET, requestAt, type RequestOptions } from '../support/app.js';
import type { TestOrganization } from '../support/factories.js';
import { PostgresServer } from '../support/postgres-server.js';
import { aFolder, runCommand, ServiceProcess } from '../support/process.js';

/** The folder of another checkout, built, of the release that is upgraded (README.md). */
const OLD_CHECKOUT = process.env['UPGRADE_FROM'];

/** How often in each step the load has to bring its streak of good replies. */
const ROUNDS = 5;

/** One owner reads each of a thousand large versions, one after the other: more than a caller may in a minute. */
const NO_LIMITS = { RATE_LIMIT_PER_MINUTE: '0', DATABASE_TIME_PER_CALLER: '0', DATABASE_TIME_PER_OWNER: '0' };

vi.setConfig({ testTimeout: 600_000, hookTimeout: 240_000 });

describe.runIf(OLD_CHECKOUT !== undefined)('an upgrade from another release', () => {
  it('fails no request and loses no change while instances of both work on the same documents', async () => {
    const server = await PostgresServer.start();
    const folder = await aFolder();
    const variables = { ...server.variables, JWT_SECRET, NODE_ENV: 'production', ...NO_LIMITS };
    const instances: ServiceProcess[] = [];
    const start = async (more: Record<string, string> = {}, script?: string) => {
      const options = script === undefined ? {} : { script };
      instances.push(await ServiceProcess.start(folder.path, { ...variables, LOG_LEVEL: 'fatal', ...more }, options));
    };
    let requests = 0;
    const send = (method: string, path: string, options: RequestOptions): Promise<Answer> => {
      const { url } = instances[requests++ % instances.length]!;
      return requestAt(url, method, path, { ...options, isOutsideDocument: true }, tokenFor(options.as!));
    };
    try {
      await start({ MIGRATE_ON_START: 'true' }, resolve(OLD_CHECKOUT!, 'dist/service/main.js'));
      const organization = await anOldOrganization(server);
      const load = new Load(send, organization);
      const flows = async () => {
        for (let round = 0; round < ROUNDS; round++) await load.flows();
      };
      await flows();
      const migrated = await runCommand('node', [resolve('dist/src/migrate.js')], folder.path, variables);
      expect(migrated).toMatchObject({ code: 0, stderr: '' });
      await flows();
      await start();
      await flows();
      await flows();
      const [old] = instances.splice(0, 1);
      await flows();
      await load.end(server);
      expect([...load.statuses.keys()]).toStrictEqual([200]);
      await expectWholeHistory(send, organization);
      expect(await old!.kill('SIGTERM')).toBe(0);
    } finally {
      await Promise.all(instances.map((instance) => instance.kill('SIGKILL')));
      await folder.remove();
      await server.drop();
    }
  });
});

/** An organization with one member for each role, in columns that every release knows. */
async function anOldOrganization(server: PostgresServer): Promise<TestOrganization> {
  const id = randomUUID();
  await server.query(`insert into organizations (id, name) values ($1, 'Acme Corporation')`, [id]);
  const member = async (role: Role) => {
    const userId = randomUUID();
    await server.query(`insert into users (id, email, name, organization_id) values ($1, $2, 'Ada', $3)`, [
      userId,
      `${userId}@example.com`,
      id,
    ]);
    await server.query('insert into members (organization_id, user_id, role) values ($1, $2, $3)', [id, userId, role]);
    return userId;
  };
  return {
    id,
    user: await member(Role.USER),
    billing: await member(Role.BILLING),
    workspaces: await member(Role.WORKSPACES),
    administrator: await member(Role.ADMINISTRATOR),
    owner: await member(Role.OWNER),
  };
}

/** Of each change, whoever made it, the version after it has one change more than the version before. */
async function expectWholeHistory(
  send: (method: string, path: string, options: RequestOptions) => Promise<Answer>,
  { owner }: TestOrganization,
): Promise<void> {
  const path = '/settings/organization/versions';
  const { body } = await send('GET', `${path}?limit=1`, { as: owner });
  const [last] = (body as { versions: { version: number }[] }).versions;
  for (let version = 1; version <= last!.version; version++) {
    const { status, text, body: answer } = await send('GET', `${path}/${version}`, { as: owner });
    expect(status, `version ${version} of ${last!.version}: ${text}`).toBe(200);
    const { copy, ...settings } = (answer as { settings: Record<string, unknown> }).settings;
    expect(Object.keys(settings)).toHaveLength(version);
    expect(copy).toStrictEqual(settings);
  }
}

function tokenFor(userId: string): string {
  return jwt.sign({}, JWT_SECRET, { algorithm: 'HS256', subject: userId, expiresIn: 600 });
}
