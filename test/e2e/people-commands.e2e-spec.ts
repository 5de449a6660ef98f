import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';

let app: TestApp;
let folder: string;
let organization: TestOrganization;
let other: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
  folder = await mkdtemp(join(tmpdir(), 'flashback-'));
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  [organization, other] = await Promise.all([anOrganization(app.dataSource), anOrganization(app.dataSource)]);
});

const admin = async (...args: string[]) => {
  const { code, stdout, stderr } = await app.runCommand(...args);
  return {
    code,
    problem: stderr.trim(),
    row: !stdout.startsWith('{') ? null : (JSON.parse(stdout) as Record<string, unknown>),
  };
};
const userOf = async (id: string) => {
  const answer = await app.request('GET', '/user/profile', { as: id });
  return (answer.body as { data: Record<string, unknown> }).data;
};
const anEmail = () => `${randomUUID()}@example.com`;

describe('move-user', () => {
  it('moves a user with a role; settings and history stay theirs', async () => {
    await app.request('PUT', '/settings/user', { as: organization.user, body: { theme: 'dark' } });
    // The old organization is remembered.
    await app.request('GET', '/settings/organization', { as: organization.user });
    const moved = await admin(
      ...['move-user', '--user', organization.user, '--organization', other.id, '--role', 'ADMINISTRATOR'],
      ...['--as', 'Grace', '--reason', 'Merger'],
    );
    expect([moved.code, moved.row]).toMatchObject([0, { organizationId: other.id, role: 'ADMINISTRATOR' }]);
    expect(await userOf(organization.user)).toMatchObject({ orgId: other.id, orgRole: 254 });
    const settings = await app.request('GET', '/settings/user', { as: organization.user });
    expect(settings.body).toStrictEqual({ success: true, settings: { theme: 'dark' } });
    const written = await app.request('PUT', '/settings/organization', {
      as: organization.user,
      body: { by: 'moved' },
    });
    expect(written.status).toBe(200);
    const read = (as: string) => app.request('GET', '/settings/organization', { as });
    expect((await read(other.user)).body).toMatchObject({ settings: { by: 'moved' } });
    expect((await read(organization.owner)).body).toMatchObject({ settings: {} });
    const mine = await app.request('GET', '/organization/users', { as: organization.user });
    expect(mine.body).toMatchObject({ total: 6 });
    const history = await app.command('history', '--organization', other.id, '--user', organization.user);
    expect(history).toContain('Merger');
  });

  it('is refused in a sentence', async () => {
    const move = (...args: string[]) => admin('move-user', '--user', organization.owner, ...args);
    const to = ['--organization', other.id, '--role', 'USER'];
    expect((await move(...to)).problem).toBe(
      `The user ${organization.owner} is the last owner of their organization: make another first, or use --force`,
    );
    expect((await move('--organization', other.id, '--role', 'KING')).problem).toContain('role must be one of USER');
    const nowhere = randomUUID();
    expect((await move('--organization', nowhere, '--role', 'USER')).problem).toBe(
      `No organization has the id ${nowhere}`,
    );
    expect((await admin('move-user', '--user', 'nobody', ...to)).problem).toBe('No user has the id or email nobody');
    expect((await move(...to, '--force')).code).toBe(0);
    expect(await userOf(organization.owner)).toMatchObject({ orgId: other.id, orgRole: 0 });
  });
});

describe('the last owner', () => {
  it('stays, unless the operator insists', async () => {
    const remove = ['delete-user', '--user', organization.owner];
    const demote = ['set-role', '--user', organization.owner, '--role', 'USER'];
    for (const command of [remove, demote]) {
      const { code, problem } = await admin(...command);
      expect([code, problem]).toStrictEqual([
        1,
        `The user ${organization.owner} is the last owner of their organization: make another first, or use --force`,
      ]);
    }
    expect((await admin(...demote, '--force')).row).toMatchObject({ role: 'USER' });
  });
});

describe('set-email', () => {
  it('gives a user another email, which is free then, and no other one', async () => {
    const [first, second] = [anEmail(), anEmail()];
    expect((await admin('set-email', '--user', organization.user, '--email', first)).row).toMatchObject({
      email: first,
    });
    expect((await admin('set-email', '--user', other.user, '--email', first.toUpperCase())).problem).toBe(
      `The email ${first} is already taken`,
    );
    await admin('set-email', '--user', organization.user, '--email', second);
    expect((await admin('set-email', '--user', other.user, '--email', first)).code).toBe(0);
    expect((await admin('set-email', '--user', other.user, '--email', 'x')).problem).toBe(
      'email must be an email address of at most 254 characters',
    );
  });
});

describe('import-users', () => {
  const aFile = async (lines: readonly string[]) => {
    const path = join(folder, `${randomUUID()}.csv`);
    await writeFile(path, lines.join('\n'));
    return path;
  };
  const HEADER = 'email,name,lastName,organization,role,id';
  const rows = () => {
    const good = [anEmail(), anEmail(), anEmail()] as const;
    return {
      good,
      lines: [
        HEADER,
        `${good[0]},Ada,"Lovelace, Countess",${organization.id},OWNER,auth0|${good[0]}`,
        `nobody,Bob,,,,`,
        `${good[0].toUpperCase()},Ada,Again,,,`,
        `${good[1]},Grace,,${organization.id},KING,`,
        `${good[2]},Katherine,,,,`,
        `${anEmail()},Eve,,${randomUUID()},USER,`,
        `${anEmail()},Short`,
      ],
    };
  };

  it('makes the users of a file, and reports the rows that it refuses', async () => {
    const { good, lines } = rows();
    const { code, row } = await admin('import-users', '--file', await aFile(lines), '--as', 'Grace');
    expect(code).toBe(1);
    expect(row).toMatchObject({
      imported: 2,
      refused: [
        { line: 3, email: 'nobody', problem: 'email must be an email address of at most 254 characters' },
        { line: 4, problem: `The email ${good[0]} is already taken` },
        { line: 5, problem: expect.stringContaining('role must be one of USER') as string },
        { line: 7, problem: expect.stringContaining('No organization has the id') as string },
        { line: 8, problem: 'the row has 2 fields, and the header 6' },
      ],
    });
    expect(await userOf(`auth0|${good[0]}`)).toMatchObject({
      name: 'Ada',
      lastName: 'Lovelace, Countess',
      orgRole: 255,
      validated: true,
    });
    const history = await app.command('history', '--organization', organization.id);
    expect(history).toContain('"operator":"Grace"');
  });

  it('makes all or none with --atomic', async () => {
    const { good, lines } = rows();
    const refused = await admin('import-users', '--atomic', '--file', await aFile(lines));
    expect([refused.code, refused.row]).toMatchObject([1, { imported: 0 }]);
    expect((refused.row as { refused: object[] }).refused).toHaveLength(5);
    const found = await app.dataSource.query<object[]>('select from users where email = any($1)', [good]);
    expect(found).toHaveLength(0);
    const accepted = await admin('import-users', '--atomic', '--file', await aFile([lines[0]!, lines[1]!, lines[5]!]));
    expect([accepted.code, accepted.row]).toStrictEqual([0, { imported: 2, refused: [] }]);
  });

  it.each([
    [['mail,name'], 'the header names "mail", not one of email, name, lastName, organization, role, id'],
    [['email'], 'the header does not name name'],
    [['email,name', '"x'], 'Quote Not Closed'],
  ])('refuses a file that it cannot read: %j', async (lines, problem) => {
    const path = await aFile(lines);
    const refused = await admin('import-users', '--file', path);
    expect(refused.code).toBe(1);
    expect(refused.problem).toContain(`${path} cannot be read: ${problem}`);
  });

  it('says that there is no file', async () => {
    expect((await admin('import-users', '--file', 'nowhere.csv')).problem).toBe(
      'nowhere.csv cannot be read: there is no such file',
    );
  });

  it('takes 10,000 rows in less than a minute', { timeout: 120_000 }, async () => {
    const lines = Array.from({ length: 10_000 }, () => `${anEmail()},Ada,Lovelace,${organization.id},USER,`);
    const path = await aFile([HEADER, ...lines]);
    const start = performance.now();
    expect((await admin('import-users', '--atomic', '--file', path)).row).toStrictEqual({
      imported: 10_000,
      refused: [],
    });
    expect(performance.now() - start).toBeLessThan(60_000);
    const listed = await app.request('GET', '/organization/users', { as: organization.owner });
    expect((listed.body as { data: object[] }).data).toHaveLength(10_000);
    expect(listed.headers['link']).toMatch(/^<\/organization\/users\?after=[\w-]+>; rel="next"$/);
  });
});
