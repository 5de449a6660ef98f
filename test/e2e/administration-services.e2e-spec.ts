import { beforeAll, describe, expect, it } from 'vitest';
import { SERVICE_SCOPES } from '../../src/auth/service-scope.js';
import { JWT_SECRET } from '../support/app.js';
import { runAdmin } from '../support/process.js';
import { administrationStage } from './administration.js';

const stage = administrationStage();
const { row, run } = stage;

beforeAll(async () => {
  await row('create-user', '--email', 'bob@acme.com', '--name', 'Bob', '--id', 'auth0|bob');
  await row('create-service', '--name', 'Backup', '--all', '--scopes', 'settings:read', '--id', 'backup@clients');
});

describe('service accounts', () => {
  const create = (...args: string[]) => ['create-service', '--name', 'Backup', ...args];
  const sentenceOf = (some: string) => `${some} must be some of ${SERVICE_SCOPES.join(', ')}, separated by commas`;

  it('are made for one organization or for all, listed, changed, deleted and restored', async () => {
    const { id: organization } = await row('create-organization', '--name', 'Globex');
    const one = await row(
      ...create('--organization', String(organization), '--scopes', 'settings:write, settings:read'),
    );
    expect(one).toStrictEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      name: 'Backup',
      organizationId: organization,
      scopes: ['settings:read', 'settings:write'],
      rateLimitPerMinute: null,
      deletedAt: null,
      createdAt: expect.any(String) as string,
    });
    const all = await row(...create('--all', '--scopes', 'organization:read', '--id', 'backup-of-all@clients'));
    expect(all).toMatchObject({ id: 'backup-of-all@clients', organizationId: null, scopes: ['organization:read'] });
    const listed = (await row('list-services')) as unknown as Record<string, unknown>[];
    expect(listed.slice(-2)).toStrictEqual([one, all]);

    const service = ['--service', 'backup-of-all@clients'];
    const changed = { ...all, scopes: ['settings:read', 'organization:write'] };
    expect(await row('set-scopes', ...service, '--scopes', 'organization:write,settings:read')).toStrictEqual(changed);
    const limited = await row('set-rate-limit', ...service, '--per-minute', '50000');
    expect(limited).toStrictEqual({ ...changed, rateLimitPerMinute: 50_000 });
    expect(await row('set-rate-limit', ...service, '--per-minute', 'default')).toStrictEqual(changed);
    const deleted = await row('delete-service', ...service);
    expect(deleted).toStrictEqual({ ...changed, deletedAt: expect.any(String) as string });
    expect(await row('delete-service', ...service)).toStrictEqual(deleted);
    const stderr = 'The service account backup-of-all@clients is deleted: restore-service comes first\n';
    for (const args of [
      ['set-scopes', ...service, '--scopes', 'settings:read'],
      ['set-rate-limit', ...service, '--per-minute', '1'],
      ['issue-token', ...service],
    ]) {
      expect(await run(args)).toStrictEqual({ code: 1, stdout: '', stderr });
    }
    expect(await row('restore-service', ...service)).toStrictEqual(changed);
  });

  it('have tokens as users have, without any database', async () => {
    const { code, stdout, stderr } = await runAdmin(
      stage.folder.path,
      ['issue-token', '--service', 'backup@clients', '--expires-in', '15m'],
      { NODE_ENV: 'production', JWT_SECRET },
    );
    expect({ code, stderr }).toStrictEqual({ code: 0, stderr: '' });
    const claims = JSON.parse(Buffer.from(stdout.split('.')[1]!, 'base64url').toString()) as Record<string, number>;
    expect(claims).toMatchObject({ sub: 'backup@clients' });
    expect(claims['exp']! - claims['iat']!).toBe(900);
  });

  it.each<[string, string[], string]>([
    ['neither one organization nor all', create('--scopes', 'settings:read'), 'either organization or all is required'],
    [
      'one organization and all',
      create('--scopes', 'settings:read', '--all', '--organization', '123e4567-e89b-12d3-a456-426614174000'),
      'either organization or all is required',
    ],
    ['an unknown scope', create('--all', '--scopes', 'settings:read,settings:own'), sentenceOf('scopes')],
    ['no scope', create('--all', '--scopes', ''), sentenceOf('scopes')],
    [
      'an unknown organization',
      create('--scopes', 'settings:read', '--organization', '123e4567-e89b-12d3-a456-426614174000'),
      'No organization has the id 123e4567-e89b-12d3-a456-426614174000',
    ],
    [
      "a user's id",
      create('--all', '--scopes', 'settings:read', '--id', 'auth0|bob'),
      'The id auth0|bob is already taken',
    ],
    [
      'a taken id',
      create('--all', '--scopes', 'settings:read', '--id', 'backup@clients'),
      'The id backup@clients is already taken',
    ],
    ['to change nobody', ['delete-service', '--service', 'nobody'], 'No service account has the id nobody'],
    [
      'scopes for nobody',
      ['set-scopes', '--service', 'nobody', '--scopes', 'settings:read'],
      'No service account has the id nobody',
    ],
    ...['-1', '1.5', 'many', '1000000001'].map((limit): [string, string[], string] => [
      `a limit of ${limit}`,
      ['set-rate-limit', '--service', 'backup@clients', `--per-minute=${limit}`],
      'per-minute must be an integer from 0 to 1000000000, or default',
    ]),
    ['a token for nobody', ['issue-token'], 'either user or service is required'],
    ['a token for two', ['issue-token', '--user', 'x', '--service', 'x'], 'either user or service is required'],
    ['a token for an empty id', ['issue-token', '--service', ''], 'service must be an id of 1 to 255 characters'],
  ])('refuse %s in a clear sentence', async (_, args, sentence) => {
    expect(await run(args)).toStrictEqual({ code: 1, stdout: '', stderr: `${sentence}\n` });
  });
});
