import jwt from 'jsonwebtoken';
import { describe, expect, it } from 'vitest';
import { JWT_SECRET } from '../support/app.js';
import { runAdmin, ServiceProcess } from '../support/process.js';
import { administrationStage } from './administration.js';

const stage = administrationStage();
const { admin, row, run, variables } = stage;

describe('the administration command', () => {
  it('makes an organization and its users, whose tokens work', async () => {
    const organization = await row('create-organization', '--name', ' Acme Corporation ', '--domain', 'Acme.com');
    expect(organization).toMatchObject({ name: 'Acme Corporation', domain: 'acme.com', deletedAt: null });
    const id = String(organization['id']);
    const ada = await row(
      'create-user',
      '--email',
      'Ada@acme.com',
      '--name',
      'Ada',
      '--last-name',
      'Lovelace',
      '--organization',
      id,
      '--role',
      'OWNER',
    );
    expect(ada).toMatchObject({
      email: 'ada@acme.com',
      name: 'Ada',
      lastName: 'Lovelace',
      organizationId: id,
      role: 'OWNER',
    });
    const bob = await row(
      'create-user',
      '--email',
      'bob@acme.com',
      '--name',
      'Bob',
      '--id',
      'auth0|bob',
      '--organization',
      id,
    );
    expect(bob).toMatchObject({ id: 'auth0|bob', role: 'USER' });
    expect(await row('create-user', '--email', 'eve@example.com', '--name', 'Eve')).toMatchObject({
      organizationId: null,
      role: null,
    });

    expect(await row('list-organizations')).toMatchObject([{ id }]);
    expect(await row('list-users', '--organization', id)).toMatchObject([
      { id: ada['id'], role: 'OWNER' },
      { id: 'auth0|bob' },
    ]);
    expect(await row('list-users')).toHaveLength(3);
    const backup = ['--name', 'Backup', '--all', '--scopes', 'settings:read', '--id', 'backup@clients'];
    expect(await row('create-service', ...backup)).toMatchObject({ id: 'backup@clients', name: 'Backup' });
    expect(await row('set-role', '--user', 'bob@acme.com', '--role', 'ADMINISTRATOR')).toMatchObject({
      role: 'ADMINISTRATOR',
    });

    const tokens = {
      ada: (await admin('issue-token', '--user', 'ADA@acme.com')).stdout.trim(),
      bob: (await admin('issue-token', '--user', 'auth0|bob', '--expires-in', '15m')).stdout.trim(),
    };
    expect(await row('delete-user', '--user', 'auth0|bob')).toMatchObject({ deletedAt: expect.any(String) as string });
    const service = await ServiceProcess.start(stage.folder.path, { ...variables(), MIGRATE_ON_START: 'true' });
    const get = (token: string, path: string) =>
      fetch(`${service.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    try {
      expect((await get(tokens.ada, `/organization/${id}`)).status).toBe(200);
      expect((await get(tokens.bob, '/settings/user')).status).toBe(404);
      expect((await get(tokens.bob, '/settings/organization')).status).toBe(404);
      expect((await get(tokens.bob, `/organization/${id}`)).status).toBe(403);
    } finally {
      await service.kill('SIGTERM');
    }
    expect(await row('restore-user', '--user', 'bob@acme.com')).toMatchObject({
      deletedAt: null,
      role: 'ADMINISTRATOR',
    });
  });

  it.each<[string, string[], string]>([
    ['an empty name', ['create-organization', '--name', ' '], 'name must not be empty'],
    [
      'a wrong domain',
      ['create-organization', '--name', 'x', '--domain', 'not a domain'],
      'domain must be a domain name such as acme.com',
    ],
    [
      'a taken domain',
      ['create-organization', '--name', 'x', '--domain', 'ACME.com'],
      'The domain ACME.com is already taken',
    ],
    [
      'a wrong email',
      ['create-user', '--email', 'x', '--name', 'x'],
      'email must be an email address of at most 254 characters',
    ],
    [
      'a taken email',
      ['create-user', '--email', 'ada@ACME.com', '--name', 'x'],
      'The email ada@acme.com is already taken',
    ],
    [
      'a taken id',
      ['create-user', '--email', 'new@acme.com', '--name', 'x', '--id', 'auth0|bob'],
      'The id auth0|bob is already taken',
    ],
    [
      'the id of a service account',
      ['create-user', '--email', 'new@acme.com', '--name', 'x', '--id', 'backup@clients'],
      'The id backup@clients is already taken',
    ],
    [
      'a long id',
      ['create-user', '--email', 'new@acme.com', '--name', 'x', '--id', 'x'.repeat(256)],
      'id must be 1 to 255 characters',
    ],
    [
      'a role without an organization',
      ['create-user', '--email', 'new@acme.com', '--name', 'x', '--role', 'OWNER'],
      'role needs an organization',
    ],
    [
      'an unknown role',
      ['set-role', '--user', 'ada@acme.com', '--role', 'KING'],
      'role must be one of USER, BILLING, WORKSPACES, ADMINISTRATOR, OWNER, not "KING"',
    ],
    [
      'an unknown role of a new user',
      ['create-user', '--email', 'new@acme.com', '--name', 'x', '--role', 'OWNER '],
      'role must be one of USER, BILLING, WORKSPACES, ADMINISTRATOR, OWNER, not "OWNER "',
    ],
    ['a role for nobody', ['set-role', '--user', 'nobody', '--role', 'OWNER'], 'No user has the id or email nobody'],
    [
      'a wrong organization',
      ['create-user', '--email', 'new@acme.com', '--name', 'x', '--organization', 'acme'],
      'organization must be the id of an organization',
    ],
    [
      'an unknown organization',
      [
        'create-user',
        '--email',
        'new@acme.com',
        '--name',
        'x',
        '--organization',
        '123e4567-e89b-12d3-a456-426614174000',
      ],
      'No organization has the id 123e4567-e89b-12d3-a456-426614174000',
    ],
    ['a wrong list', ['list-users', '--organization', 'acme'], 'organization must be the id of an organization'],
    [
      'a wrong duration',
      ['issue-token', '--user', 'x', '--expires-in', 'soon'],
      'expires-in must be a duration such as 90s, 15m, 1h or 30d, of at most ten years',
    ],
    [
      'a token for an unknown email',
      ['issue-token', '--user', 'nobody@acme.com'],
      'No user has the id or email nobody@acme.com',
    ],
  ])('refuses %s in a clear sentence', async (_, args, sentence) => {
    expect(await run(args)).toStrictEqual({ code: 1, stdout: '', stderr: `${sentence}\n` });
  });

  it.each<[string, string[]]>([
    ['an unknown command', ['make-coffee']],
    ['an unknown option', ['list-users', '--all']],
    ['a missing option', ['create-user', '--email', 'x@acme.com']],
  ])('refuses %s', async (_, args) => {
    const { code, stdout, stderr } = await admin(...args);
    expect({ code, stdout }).toStrictEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: /);
  });

  it('issues tokens by id without any database, in production too', async () => {
    const { code, stdout } = await runAdmin(stage.folder.path, ['issue-token', '--user', 'abc'], {
      NODE_ENV: 'production',
      JWT_SECRET,
    });
    expect({ code, isToken: /^[\w-]+\.[\w-]+\.[\w-]+\n$/.test(stdout) }).toStrictEqual({ code: 0, isToken: true });
  });

  it('signs tokens with the new secret while it is exchanged', async () => {
    const { code, stdout } = await runAdmin(stage.folder.path, ['issue-token', '--user', 'abc'], {
      NODE_ENV: 'production',
      JWT_SECRET,
      JWT_SECRET_PREVIOUS: 'the secret that the tests knew before, long enough',
    });
    expect(code).toBe(0);
    expect(jwt.verify(stdout.trim(), JWT_SECRET)).toMatchObject({ sub: 'abc' });
  });

  it('takes what a shell reads from a file with CRLF line ends', async () => {
    const { id } = await row('create-organization', '--name', 'Initech', '--domain', 'initech.com\r');
    const of = ['--organization', `${String(id)}\r`, '--role', 'WORKSPACES\r\n'];
    const made = await row('create-user', '--email', 'bill@initech.com\r', '--name', 'Bill\r', ...of);
    expect(made).toMatchObject({ email: 'bill@initech.com', name: 'Bill', organizationId: id, role: 'WORKSPACES' });
    const changed = await row('set-role', '--user', 'bill@initech.com\r', '--role', 'BILLING\r');
    expect(changed).toMatchObject({ id: made['id'], role: 'BILLING' });
  });

  it('gives a deleted user neither a role nor a token', async () => {
    const { id } = await row('create-user', '--email', 'gavin@hooli.com', '--name', 'Gavin');
    await row('delete-user', '--user', 'gavin@hooli.com');
    const stderr = `The user ${String(id)} is deleted: restore-user comes first\n`;
    for (const args of [
      ['set-role', '--user', 'gavin@hooli.com', '--role', 'OWNER'],
      ['issue-token', '--user', 'gavin@hooli.com'],
      ['issue-token', '--user', String(id)],
    ]) {
      expect(await run(args), args.join(' ')).toStrictEqual({ code: 1, stdout: '', stderr });
    }
  });

  it('says that a token is for nobody', async () => {
    const { code, stderr } = await admin('issue-token', '--user', 'who-is-that');
    const sentence = 'No user has the id or email who-is-that: the token is for nobody yet\n';
    expect({ code, stderr }).toStrictEqual({ code: 0, stderr: sentence });
  });

  it('issues tokens by id while the database is away, and nothing is found out about the user', async () => {
    const away = { ...variables(), DATABASE_URL: 'postgres://127.0.0.1:1/nowhere' };
    const { code, stdout, stderr } = await runAdmin(stage.folder.path, ['issue-token', '--user', 'auth0|bob'], away);
    expect({ code, stderr }).toStrictEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  });

  it('keeps the time of the first deletion', async () => {
    const first = await row('delete-user', '--user', 'bob@acme.com');
    expect(await row('delete-user', '--user', 'bob@acme.com')).toStrictEqual(first);
  });

  it('erases for good who was deleted before', async () => {
    const { id } = await row('create-user', '--email', 'eve@acme.com', '--name', 'Eve');
    const refused = await admin('erase-user', '--user', 'eve@acme.com');
    expect(refused).toStrictEqual({
      code: 1,
      stdout: '',
      stderr: `user ${String(id)} is not deleted: delete-user comes first, because erasing cannot be undone\n`,
    });
    await row('delete-user', '--user', 'eve@acme.com');
    expect(await row('erase-user', '--user', 'eve@acme.com')).toStrictEqual({ id, isErased: true });
    expect((await admin('restore-user', '--user', 'eve@acme.com')).code).toBe(1);
  });

  it('prints a token alone, good for as long as asked', async () => {
    const { stdout } = await admin('issue-token', '--user', 'anyone', '--expires-in', '2h');
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const claims = JSON.parse(Buffer.from(stdout.split('.')[1]!, 'base64url').toString()) as Record<string, number>;
    expect(claims['exp']! - claims['iat']!).toBe(7200);
  });
});
