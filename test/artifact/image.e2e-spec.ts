import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { aBareDatabase, aDatabase, type TestDatabase } from '../support/database.js';
import { freePort } from '../support/free-port.js';
import { aFolder, runCommand } from '../support/process.js';
import { onServer } from '../support/server.js';
import { readDockerfile } from './dockerfile.js';
import { copyFromBuild, copyFromProject, linkPackages } from './image.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

/** Characters that a path may have, and that an address, a pattern or a shell takes for something else. */
const AWKWARD = "José's 100% (#1) feature%2Fx & 日本";

const [BUILD, IMAGE] = readDockerfile() as [Stage, Stage];
type Stage = ReturnType<typeof readDockerfile>[number];

const README = readFileSync('README.md', 'utf8');

let folder: Awaited<ReturnType<typeof aFolder>>;
/** What is built, and what the image has of it. Docker need not be there. */
let checkout: string;
let image: string;

beforeAll(async () => {
  folder = await aFolder();
  checkout = join(folder.path, AWKWARD, 'checkout');
  image = join(folder.path, AWKWARD, 'image');
  mkdirSync(checkout, { recursive: true });
  mkdirSync(image);
  copyFromProject(BUILD, checkout);
  linkPackages('node_modules', join(checkout, 'node_modules'));
});
afterAll(() => folder.remove());

const isUp = (url: string) =>
  fetch(`${url}/health`).then(
    ({ ok }) => ok,
    () => false,
  );

/** Runs a command that serves, until it answers. */
async function serve([command, ...args]: string[], cwd: string, variables: Record<string, string>) {
  const port = await freePort();
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...variables, PORT: String(port) };
  const child: ChildProcess = spawn(command!, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr!.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const url = `http://127.0.0.1:${port}`;
  await vi.waitUntil(async () => child.exitCode !== null || (await isUp(url)), { timeout: 240_000, interval: 100 });
  if (child.exitCode !== null) throw new Error(errors);
  const stop = async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.exitCode;
  };
  return { url, stop };
}

describe('a checkout in a folder with an awkward name', () => {
  it('is built and started by npm start', { timeout: 300_000 }, async () => {
    const database = await aDatabase();
    const service = await serve(['npm', 'start'], checkout, database.variables);
    expect((await fetch(`${service.url}/docs/swagger-ui-bundle.js`)).status).toBe(200);
    expect((await fetch(`${service.url}/console`)).status).toBe(200);
    await service.stop();
    await vi.waitUntil(async () => !(await isUp(service.url)), { timeout: 20_000 });
    await database.drop();
  });

  it('yields the same OpenAPI document as any other', async () => {
    const { code, stderr } = await runCommand('node', ['dist/src/openapi/main.js', 'built.json'], checkout);
    expect({ code, stderr }).toStrictEqual({ code: 0, stderr: '' });
    expect(readFileSync(join(checkout, 'built.json'), 'utf8')).toBe(readFileSync('openapi.json', 'utf8'));
  });
});

describe('the compose file', () => {
  interface Compose {
    services: Record<'postgres' | 'migrate' | 'service', { environment: Record<string, string>; volumes?: string[] }>;
  }
  const { services } = load(readFileSync('docker-compose.yml', 'utf8')) as Compose;
  const userOf = (address?: string) => /^postgres:\/\/([^:]*):/.exec(address ?? '')?.[1];

  it('has the schema changed by its owner, and the service run as a role that may not', () => {
    const { migrate, service, postgres } = services;
    expect(userOf(migrate.environment['MIGRATION_DATABASE_URL'])).toBe('migrator');
    expect(userOf(migrate.environment['DATABASE_URL'])).toBe('service');
    expect(userOf(service.environment['DATABASE_URL'])).toBe('service');
    expect(service.environment).not.toHaveProperty('MIGRATION_DATABASE_URL');
    expect(postgres.volumes).toContain('./docs/roles.sql:/docker-entrypoint-initdb.d/roles.sql:ro');
  });

  it('has no secret of its own, and does not start without one', () => {
    for (const { environment } of [services.migrate, services.service]) {
      expect(environment['JWT_SECRET']).toMatch(/^\$\{JWT_SECRET:\?/);
    }
  });
});

describe('the container image', () => {
  it('starts the file that npm start and npm run start:prod start', () => {
    const file = 'dist/service/main.js';
    expect(IMAGE.command).toStrictEqual(['node', file]);
    expect(readFileSync('scripts/start.js', 'utf8')).toContain(`await import('../${file}');`);
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    expect(scripts['start:prod']).toMatch(new RegExp(`node ${file}$`));
  });

  it('names a version of each image that it comes from, and takes a digest', () => {
    for (const { from } of [BUILD, IMAGE]) {
      expect(from).toBe('node:${NODE_VERSION}-bookworm-slim${NODE_DIGEST:+@$NODE_DIGEST}');
    }
    expect(readFileSync('Dockerfile', 'utf8')).toMatch(/^ARG NODE_VERSION=\d+\.\d+\.\d+\nARG NODE_DIGEST$/m);
    expect(readFileSync('docker-compose.yml', 'utf8')).toMatch(/ postgres:\d+\.\d+-|:-postgres:\d+\.\d+-/);
  });

  describe('on a server', () => {
    /** Roles are the server's, so this run has one of its own. */
    const role = `flashback_image_${randomBytes(4).toString('hex')}`;
    let database: TestDatabase;
    let variables: Record<string, string>;

    /** The lines of the shell in a section of README.md, with what Docker would do done on the files of the image. */
    const runSection = async (title: string, more = '') => {
      const section = README.slice(README.indexOf(`## ${title}\n`)).split(/\n## /, 1)[0]!;
      const lines = [...section.matchAll(/^```sh\n(.*?)^```/gms)].map(([, text]) => text!);
      return runCommand('sh', ['-e', '-c', `${lines.join('')}\n${more}`], folder.path, {
        ...variables,
        IMAGE: image,
        PATH: `${folder.path}/bin:${process.env['PATH']}`,
      });
    };

    beforeAll(async () => {
      copyFromBuild(IMAGE, checkout, image);
      copyFromProject(IMAGE, image);
      await onServer(`create role ${role}`);
      const grants = join(image, 'docs/grants.sql');
      writeFileSync(grants, readFileSync(grants, 'utf8').replaceAll(/\bto service\b/g, `to ${role}`));
      database = await aBareDatabase();
      variables = { ...IMAGE.variables, HOST: '127.0.0.1', DATABASE_URL: database.variables['DATABASE_URL']! };
      mkdirSync(join(folder.path, 'bin'));
      const docker = join(folder.path, 'bin', 'docker');
      writeFileSync(
        docker,
        `#!/bin/sh
case "$*" in
  "compose exec -T service "*) shift 4 ;;
  "run --rm --env-file .env flashback-backend "*) shift 5 ;;
  *) exit 0 ;;
esac
export $(cat .env)
cd "$IMAGE" && exec "$@"
`,
      );
      chmodSync(docker, 0o755);
    });
    afterAll(async () => {
      await database.drop();
      await onServer(`drop role ${role}`);
    });

    it('does what README.md says, as it says it', async () => {
      writeFileSync(join(folder.path, '.env'), '');
      // The schema that the compose file's own service would bring.
      const migrated = await runCommand('npm', ['run', '-s', 'migration:run'], image, {
        ...variables,
        JWT_SECRET: 'only for this line, and longer than 32 characters',
      });
      expect(migrated).toMatchObject({ code: 0, stderr: '' });
      const said = await runSection('In containers', 'echo "$ORGANIZATION $TOKEN"');
      expect(said.stderr).toBe('');
      expect(said.code).toBe(0);
      expect(said.stdout).toContain('Granted what docs/grants.sql lists');
      const [organization, token] = said.stdout.trim().split('\n').at(-1)!.split(' ');
      expect(organization).toMatch(/^[\da-f-]{36}$/);

      const environment = readFileSync(join(folder.path, '.env'), 'utf8');
      const [, secret] = /^JWT_SECRET=(\S{64})\n$/.exec(environment)!;
      const service = await serve(IMAGE.command, image, { ...variables, JWT_SECRET: secret! });
      const check = (url: string) =>
        runCommand(IMAGE.healthCheck[0]!, IMAGE.healthCheck.slice(1), image, { PORT: new URL(url).port });
      expect((await check(service.url)).code).toBe(0);
      const answer = await fetch(`${service.url}/organization/${organization}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(await answer.json()).toMatchObject({ success: true, data: { name: 'Acme Corporation' } });
      expect((await fetch(`${service.url}/console`)).status).toBe(200);
      expect(await service.stop()).toBe(0);
      expect((await check(service.url)).code).toBe(1);
    });

    it('makes no other secret when its lines are run again', async () => {
      const before = readFileSync(join(folder.path, '.env'), 'utf8');
      await runCommand('sh', ['-e', '-c', /^grep -qs .*$/m.exec(README)![0]], folder.path);
      expect(readFileSync(join(folder.path, '.env'), 'utf8')).toBe(before);
    });

    it('has one line for grants that cannot be given', async () => {
      const other = await aBareDatabase();
      const refused = await runCommand('npm', ['run', '-s', 'migration:grant'], image, {
        ...variables,
        DATABASE_URL: other.variables['DATABASE_URL']!,
        JWT_SECRET: 'only for this line, and longer than 32 characters',
      });
      await other.drop();
      expect(refused).toMatchObject({
        code: 1,
        stdout: '',
        stderr: 'docs/grants.sql: relation "migrations" does not exist\n',
      });
    });

    it('asks in its health check whether the process lives, and not the database', () => {
      expect(IMAGE.healthCheck.join(' ')).toContain('/health/live`');
    });
  });
});
