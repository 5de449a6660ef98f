import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aFolder, runAdmin, runCommand, runService } from '../support/process.js';

vi.setConfig({ testTimeout: 120_000 });

let folder: Awaited<ReturnType<typeof aFolder>>;

beforeEach(async () => {
  folder = await aFolder();
});
afterEach(() => folder.remove());

const SECRET = 'a secret that only the tests know, long enough';

describe('.env', () => {
  const start = (env: string | Buffer, variables: Record<string, string> = {}) => {
    writeFileSync(join(folder.path, '.env'), env);
    return runService(folder.path, variables);
  };

  // A start that misses one of these would go on.
  it.each([
    ['a byte order mark', '\ufeffLOG_LEVEL=loud\nNODE_ENV=staging\n'],
    ['line ends of Windows', 'LOG_LEVEL=loud\r\nNODE_ENV=staging\r\n'],
    ['lines of blanks', '  \nLOG_LEVEL=loud\n\t \n  \nNODE_ENV=staging\n   '],
    ['export and blanks', '  export LOG_LEVEL=loud\n\texport  NODE_ENV = staging'],
    ['quotes and comments', 'LOG_LEVEL="loud" # no level\n#x\nNODE_ENV=\'staging\''],
  ])('is read with %s', async (_, env) => {
    const { code, stdout, stderr } = await start(env);
    expect({ code, stdout }).toStrictEqual({ code: 1, stdout: '' });
    expect(
      stderr
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toStrictEqual(['NODE_ENV', 'LOG_LEVEL']);
  });

  it.each([
    ['DATABASE_URL', '.env line 2: is not NAME=value\n'],
    ['DATABASE_URL: postgres://u:secret@h/db', '.env line 2: is not NAME=value\n'],
    ['DATABASE_URL="postgres://u:secret@h/db', '.env line 2: DATABASE_URL: the quote " is not closed on its line\n'],
    [
      'DATABASE_URL=postgres://u:secret#@h/db',
      '.env line 2: DATABASE_URL: a # begins a comment: put the value in quotes\n',
    ],
    ['JWT_SECRET="secret"s', '.env line 2: JWT_SECRET: text follows the closing quote "\n'],
  ])('is refused with the line %s', async (line, problem) => {
    const finished = await start(`# first\n${line}\nPORT=http\n`);
    expect(finished).toStrictEqual({ code: 1, stdout: '', stderr: problem });
  });

  it('is refused when it is not UTF-8', async () => {
    const finished = await start(Buffer.from('\ufeffPORT=http\r\n', 'utf16le'));
    expect(finished).toStrictEqual({ code: 1, stdout: '', stderr: '.env is not UTF-8: save it as UTF-8\n' });
  });

  it('is refused by the administration command, too', async () => {
    writeFileSync(join(folder.path, '.env'), 'JWT_SECRET\n');
    const finished = await runAdmin(folder.path, ['issue-token', '--user', 'ada']);
    expect(finished).toStrictEqual({ code: 1, stdout: '', stderr: '.env line 1: is not NAME=value\n' });
  });
});

describe('a variable that nobody reads', () => {
  const LINES = [
    'DATABASE_UR is not read: did you mean DATABASE_URL?',
    'jwt_secret is not read: did you mean JWT_SECRET?',
  ];
  const variables = { DATABASE_UR: 'postgres://u:secret@h/db', OTHER: 'x' };

  it('is warned about where it looks like one of ours', async () => {
    writeFileSync(join(folder.path, '.env'), 'jwt_secret=secret\nPORT=http\n');
    const { code, stderr } = await runService(folder.path, variables);
    expect(code).toBe(1);
    expect(stderr.trim().split('\n').slice(0, -1)).toStrictEqual(LINES);
  });

  it('is warned about by the administration command, once', async () => {
    writeFileSync(join(folder.path, '.env'), 'jwt_secret=secret\n');
    const { code, stdout, stderr } = await runAdmin(folder.path, ['issue-token', '--user', 'ada'], variables);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(stderr.trim().split('\n')).toStrictEqual(LINES);
  });

  it('is warned about where Node reads it too early', async () => {
    writeFileSync(join(folder.path, '.env'), 'NODE_EXTRA_CA_CERTS=ca.pem\nPORT=http\n');
    const { stderr } = await runService(folder.path);
    expect(stderr).toMatch(
      /^NODE_EXTRA_CA_CERTS has no effect in \.env: Node reads it before, from the environment\nPORT /,
    );
  });
});

describe('an address that cannot be what was meant', () => {
  const production = (name: string, url: string) => ({
    NODE_ENV: 'production',
    JWT_SECRET: SECRET,
    DATABASE_URL: 'postgres://127.0.0.1:1/db',
    [name]: url,
  });

  const parameters =
    'known are sslmode, sslrootcert, sslcert, sslkey, host, application_name, options, target_session_attrs';

  it.each([
    ['DATABASE_URL', 'postgres://u:secret#1@h/db', 'has a #: write it as %23'],
    ['DATABASE_URL', 'postgres://u:secret%S@h/db', 'has a % that begins no character: write it as %25'],
    [
      'DATABASE_URL',
      'postgres://u:secret@a,b/db?target_session_attrs=any',
      'has a target_session_attrs that does not fit: known are read-write, primary',
    ],
    ['DATABASE_URL', 'postgres://u:secret@h/db?pgbouncer=true', `has an unknown parameter pgbouncer: ${parameters}`],
    ['DATABASE_URL', 'postgres://u:secret@h/db?sslrootcert=/nowhere', 'has an sslrootcert that cannot be read: ENOENT'],
    ['MIGRATION_DATABASE_URL', 'postgres://u:secret#1@h/db', 'has a #: write it as %23'],
    ['MIGRATION_DATABASE_URL', 'postgres://u:secret%S@h/db', 'has a % that begins no character: write it as %25'],
    ['REDIS_URL', 'redis://:secret#1@h', 'has a #: write it as %23'],
    ['REDIS_URL', 'redis://:secret%S@h', 'has a % that begins no character: write it as %25'],
    ['REDIS_URL', 'redis://:secret@h/first', 'has a path that is not the number of a database'],
    ['REDIS_URL', 'redis://:secret@a,b', 'names several hosts: give the one address that leads to the primary'],
  ])('%s=%s is one line', async (name, url, problem) => {
    const finished = await runService(folder.path, production(name, url));
    expect(finished).toStrictEqual({ code: 1, stdout: '', stderr: `${name} ${problem}\n` });
  });

  it('is one line of the migrations and the administration command, too', async () => {
    const variables = { DATABASE_URL: 'postgres://u:secret%S@h/db' };
    const stderr = 'DATABASE_URL has a % that begins no character: write it as %25\n';
    expect(await runAdmin(folder.path, ['list-users'], variables)).toStrictEqual({ code: 1, stdout: '', stderr });
    const migration = [resolve('dist/src/migrate.js')];
    expect(await runCommand(process.execPath, migration, folder.path, variables)).toStrictEqual({
      code: 1,
      stdout: '',
      stderr,
    });
  });
});
