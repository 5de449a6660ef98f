import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';

interface Line {
  at: string;
  actorId: string | null;
  actor: string | null;
  operator: string | null;
  context: string;
  contextId: string;
  version: number;
  operation: string;
  patch: { op: string; path: string; value?: unknown }[];
  reason: string | null;
}

let app: TestApp;
let organization: string;
let ada: string;
let bob: string;

const email = (name: string) => `${name}@${organization}.example`;
const history = async (...args: string[]): Promise<Line[]> => {
  const stdout = await app.command('history', '--organization', organization, ...args);
  expect(stdout).toMatch(/^(\{.*\}\n)*$/);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
};
const createUser = async (name: string, role: string, ...args: string[]) => {
  const user = ['--organization', organization, '--name', name, '--email', email(name), '--role', role];
  return (await app.admin<{ id: string }>('create-user', ...user, ...args)).id;
};

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());
beforeEach(async () => {
  const made = ['--name', 'Acme', '--as', ' Grace ', '--reason', 'Contract 7'];
  organization = (await app.admin<{ id: string }>('create-organization', ...made)).id;
  ada = await createUser('ada', 'OWNER');
  bob = await createUser('bob', 'USER', '--as', 'Grace', '--reason', 'Größer – 更大');
});

describe('the command history', () => {
  it('prints who changed what, when and why, newest first', async () => {
    const start = Date.now() - 60_000;
    const headers = { 'change-reason': 'We moved' };
    await app.request('PUT', `/organization/${organization}`, { as: ada, body: { city: 'Bonn' }, headers });
    await app.request('PUT', '/settings/organization', { as: ada, body: { a: 1, apiKey: 'x', b: { token: 'y' } } });
    await app.request('PUT', '/settings/user', { as: bob, body: { theme: 'dark' } });
    await app.admin('set-role', '--user', email('bob'), '--role', 'BILLING', '--reason', 'Promoted');
    await app.admin('delete-user', '--user', bob, '--as', 'Grace');
    await app.admin('restore-user', '--user', bob, '--as', 'Linus', '--reason', 'Mistake');
    const lines = await history();
    expect(lines.map((line) => [line.context, line.operation, line.actor, line.operator, line.reason])).toStrictEqual([
      ['user', 'restore', null, 'Linus', 'Mistake'],
      ['user', 'delete', null, 'Grace', null],
      ['user', 'set-role', null, null, 'Promoted'],
      ['usersettings', 'merge', email('bob'), null, null],
      ['orgsettings', 'merge', email('ada'), null, null],
      ['org', 'update', email('ada'), null, 'We moved'],
      ['user', 'create', null, 'Grace', 'Größer – 更大'],
      ['user', 'create', null, null, null],
      ['org', 'create', null, 'Grace', 'Contract 7'],
    ]);
    expect(lines[5]).toMatchObject({
      actorId: ada,
      contextId: organization,
      version: 1,
      patch: [{ op: 'replace', path: '/city', value: 'Bonn' }],
    });
    for (const { at } of lines) expect(Date.parse(at)).toBeGreaterThan(start);
    // Masked as events are.
    expect(lines[4]!.patch).toStrictEqual([
      { op: 'add', path: '/a', value: 1 },
      { op: 'add', path: '/apiKey', value: '***' },
      { op: 'add', path: '/b', value: { token: '***' } },
    ]);
    expect(lines[3]!.patch).toStrictEqual([{ op: 'add', path: '/theme', value: '***' }]);
  });

  it('prints only what one did and what was done to them, and only from then on', async () => {
    await app.request('PUT', '/settings/organization', { as: ada, body: { a: 1 } });
    await app.request('PUT', '/settings/user', { as: bob, body: { a: 1 } });
    const contexts = async (...args: string[]) => (await history(...args)).map(({ context }) => context);
    expect(await contexts('--user', bob)).toStrictEqual(['usersettings', 'user']);
    expect(await contexts('--user', email('ada'))).toStrictEqual(['orgsettings', 'user']);
    expect(await contexts('--user', 'nobody')).toStrictEqual([]);
    const [newest] = await history();
    expect(await contexts('--since', newest!.at)).toContain('usersettings');
    expect(await contexts('--since', '9999-12-31T23:59:59Z')).toStrictEqual([]);
    expect(await contexts('--since', '2020-01-01T00:00:00+01:00')).toHaveLength(5);
  });

  it('prints nothing of another organization, and each change once, however many there are', async () => {
    await app.dataSource.query(
      `insert into user_changes (user_id, organization_id, context, version, id, at, operation, patch)
       select 'u' || n % 3, $1::uuid, 7, n, change_id_from(now()) - n / 5, now(), 'merge', '[]'
       from generate_series(1, 2500) n`,
      [organization],
    );
    await app.dataSource.query(
      `insert into user_changes (user_id, organization_id, context, version, id, at, operation, patch)
       values ('u9', $1::uuid, 7, 1, change_id_from(now()), now(), 'merge', '[]')`,
      [randomUUID()],
    );
    const lines = await history('--since', '2020-01-01T00:00:00Z');
    const versions = lines.filter(({ context }) => context === 'usersettings').map(({ version }) => version);
    expect(versions).toHaveLength(2500);
    expect(new Set(versions).size).toBe(2500);
  });

  it.each([
    [['--since', 'yesterday'], 'since must be a date-time with an offset, such as 2026-11-21T12:00:00Z'],
    [['--organization', 'acme'], 'organization must be the id of an organization'],
    [
      ['--organization', '123e4567-e89b-12d3-a456-426614174000'],
      'No organization has the id 123e4567-e89b-12d3-a456-426614174000',
    ],
  ])('refuses %j', async (args, message) => {
    await expect(app.command('history', '--organization', organization, ...args)).rejects.toThrow(message);
  });
});

describe('the history of service accounts', () => {
  const said = ['--as', 'Grace', '--reason', 'Ticket 4711'];
  const linesOf = async (...args: string[]) =>
    (await app.command('history', ...args))
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);

  /** Makes a service account, and changes it in every way. */
  async function changeOne(...owner: string[]): Promise<string> {
    const { id } = await app.admin<{ id: string }>('create-service', '--name', 'Backup', ...owner, ...SCOPES, ...said);
    const service = ['--service', id];
    await app.admin('set-scopes', ...service, ...SCOPES);
    await app.admin('set-scopes', ...service, '--scopes', 'settings:write', ...said);
    await app.admin('set-rate-limit', ...service, '--per-minute', '7', ...said);
    await app.admin('restore-service', ...service);
    await app.admin('delete-service', ...service, ...said);
    await app.admin('delete-service', ...service);
    await app.admin('restore-service', ...service, ...said);
    return id;
  }
  const SCOPES = ['--scopes', 'settings:read'];

  const CHANGES = [
    ['restore', [{ op: 'replace', path: '/deletedAt', value: null }]],
    ['delete', [{ op: 'replace', path: '/deletedAt', value: expect.any(String) as string }]],
    ['set-rate-limit', [{ op: 'replace', path: '/rateLimitPerMinute', value: 7 }]],
    ['set-scopes', [{ op: 'replace', path: '/scopes', value: ['settings:write'] }]],
    ['create', [{ op: 'add', path: '/scopes', value: ['settings:read'] }]],
  ];

  it('is that of their organization, and has no change that changed nothing', async () => {
    const id = await changeOne('--organization', organization);
    const lines = (await history()).filter(({ context }) => context === 'service');
    expect(lines.map(({ operation, patch }) => [operation, patch])).toStrictEqual(CHANGES);
    for (const [n, line] of lines.entries()) {
      const who = {
        contextId: id,
        version: 4 - n,
        actorId: null,
        actor: null,
        operator: 'Grace',
        reason: 'Ticket 4711',
      };
      expect(line).toMatchObject(who);
    }
    expect(await history('--user', id)).toStrictEqual(lines);
    expect((await linesOf('--system')).filter(({ contextId }) => contextId === id)).toStrictEqual([]);
  });

  it('is that of the system, where they are for all organizations', async () => {
    const id = await changeOne('--all');
    const lines = await linesOf('--system', '--user', id);
    expect(lines.map(({ operation, patch }) => [operation, patch])).toStrictEqual(CHANGES);
    expect((await linesOf('--system')).slice(0, 5)).toStrictEqual(lines);
    expect((await history()).filter(({ context }) => context === 'service')).toStrictEqual([]);
  });

  it('of the system is that of users without an organization, too', async () => {
    const user = ['--name', 'Eve', '--email', `eve@${randomUUID()}.example`];
    const { id } = await app.admin<{ id: string }>('create-user', ...user, ...said);
    const lines = await linesOf('--system', '--user', id);
    expect(lines).toMatchObject([{ context: 'user', operation: 'create', operator: 'Grace', reason: 'Ticket 4711' }]);
  });

  it.each([[[]], [['--system', '--organization', '123e4567-e89b-12d3-a456-426614174000']]])(
    'refuses to show that of %j',
    async (args) => {
      await expect(app.command('history', ...args)).rejects.toThrow('either organization or system is required');
    },
  );

  it('is refused with what is no line of text, and nothing is changed', async () => {
    const service = ['create-service', '--name', 'Backup', '--organization', organization, ...SCOPES];
    await expect(app.admin(...service, '--reason', 'a\nb')).rejects.toThrow('reason must not contain control');
    expect((await history()).filter(({ context }) => context === 'service')).toStrictEqual([]);
  });
});

describe('the history of an erasure', () => {
  it('is who did it, when and why, and not of whom', async () => {
    await app.admin('delete-user', '--user', bob);
    const said = ['--as', 'Grace', '--reason', 'Ticket 4712'];
    const restored = app.admin('erase-user', '--user', ada, ...said);
    await expect(restored).rejects.toThrow('delete-user comes first');
    await app.admin('erase-user', '--user', bob, ...said);
    const lines = await history();
    expect(lines.map(({ context, operation }) => `${context} ${operation}`)).toStrictEqual([
      'user erase',
      'user create',
      'org create',
    ]);
    expect(lines[0]).toMatchObject({ contextId: null, operator: 'Grace', reason: 'Ticket 4712', patch: [] });
    expect(JSON.stringify(lines)).not.toContain(bob);
  });
});

describe('what an operator says about a change', () => {
  it.each([
    ['--reason', 'a\nb', 'reason must not contain control characters'],
    ['--reason', 'a\u202eb', 'reason must not contain bidirectional control characters'],
    ['--reason', 'x'.repeat(501), 'reason must have at most 500 characters'],
    ['--as', 'x'.repeat(201), 'as must have at most 200 characters'],
  ])('is one line of text: %s %j', async (option, text, message) => {
    const before = await history();
    await expect(app.admin('set-role', '--user', bob, '--role', 'OWNER', option, text)).rejects.toThrow(message);
    expect(await history()).toStrictEqual(before);
  });

  it('is shown to administrators as far as it is the reason', async () => {
    const { body } = await app.request('POST', '/systemevent', { as: ada, body: { context: 3, contextId: bob } });
    const [event] = (body as { events: { jsonData: string; userId: string | null }[] }).events;
    expect(event!.userId).toBeNull();
    expect(JSON.parse(event!.jsonData)).toMatchObject({ reason: 'Größer – 更大' });
    expect(event!.jsonData).not.toContain('Grace');
  });

  it('is left out by instances of the release before', async () => {
    await app.dataSource.query(`select user_changed($1, $2, 'set-role', '[]')`, [bob, organization]);
    expect((await history())[0]).toMatchObject({ operation: 'set-role', operator: null, reason: null });
  });
});
