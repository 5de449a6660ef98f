import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TestApp } from '../../test/support/app.js';
import { anOrganization, type TestOrganization } from '../../test/support/factories.js';
import { aFolder, runCommand } from '../../test/support/process.js';
import { answer, AServer } from './a-server.js';

/** The package as its README has it packed and installed into a project, used from there on the real service. */

const README = readFileSync('client/README.md', 'utf8');
const PACK = /^npm pack .*$/m.exec(README)![0];
const INSTALL = /^npm install .*$/m.exec(README)![0];

const SAMPLES = resolve('test/samples');
const TSC = resolve('node_modules/typescript/bin/tsc');

let app: TestApp;
let organization: TestOrganization;
let project: Awaited<ReturnType<typeof aFolder>>;
let packed: string;

beforeAll(async () => {
  app = await TestApp.start();
  organization = await anOrganization(app.dataSource);
  project = await aFolder();
  await run('sh', ['-c', PACK.replace('path/to/your-project', `'${project.path}'`)], '.');
  packed = join(project.path, basename(INSTALL));
  writeFileSync(join(project.path, 'package.json'), '{ "private": true, "type": "module" }');
  await run('sh', ['-c', `${INSTALL} --offline --no-audit --no-fund`]);
});
afterAll(async () => {
  await app.close();
  await project.remove();
});

/** Runs a command, by default in the project, that must succeed. */
async function run(command: string, args: string[], folder = project.path) {
  const finished = await runCommand(command, args, folder, {
    FLASHBACK_BASE_URL: app.url,
    ACCESS_TOKEN: app.tokenFor(organization.owner),
    FLASHBACK_ACCESS_TOKEN: app.tokenFor(organization.owner),
  });
  expect(finished.code, finished.stdout + finished.stderr).toBe(0);
  return finished;
}

const settings = (method: string, body?: unknown, path = '/settings/organization') =>
  app.request(method, path, { as: organization.owner, body });

describe('the package', () => {
  it('brings what it needs, and nothing else', async () => {
    const { stdout } = await run('npm', ['ls', '--all', '--json']);
    const { dependencies } = JSON.parse(stdout) as { dependencies: Record<string, object> };
    expect(Object.keys(dependencies)).toStrictEqual(['@flashback/client']);
    expect(dependencies['@flashback/client']).not.toHaveProperty('dependencies');
  });

  it.each(['consumer.mjs', 'consumer.cjs'])('is used by %s', async (file) => {
    copyFileSync(join('client/test/consumer', file), join(project.path, file));
    const { stdout } = await run('node', [file]);
    expect(stdout).toBe('9007199254740992 true true unauthorized\n');
    expect((await settings('GET', undefined, '/settings/user')).text).toContain('9007199254740993');
  });

  it.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('has types for the module kind %s with the resolution %s', async (module, moduleResolution) => {
    for (const file of ['consumer.ts', 'tsconfig.json']) {
      copyFileSync(join('client/test/consumer', file), join(project.path, file));
    }
    copyFileSync('client/test/consumer/consumer.ts', join(project.path, 'required.cts'));
    await run('node', [TSC, '--noEmit', '--module', module, '--moduleResolution', moduleResolution]);
  });

  it('resolves to the right kind of module and types everywhere (attw)', async () => {
    await run('npx', ['attw', packed], '.');
  });

  it('is right for those who publish and bundle (publint)', async () => {
    const { stdout } = await run('npx', ['publint', 'run', packed, '--strict'], '.');
    expect(stdout).toContain('All good!');
  });

  it('runs its example', async () => {
    copyFileSync('client/examples/settings.js', join(project.path, 'example.js'));
    const { stdout } = await run('node', ['example.js']);
    expect(stdout).toBe('Your settings: { notifications: { push: true, email: false } }\n');
  });

  it('runs the example of a live copy, which follows changes', async () => {
    await settings('POST', { settings: { security: { requireMFA: true } } });
    copyFileSync('client/examples/live.js', join(project.path, 'live.js'));
    const env = {
      ...process.env,
      FLASHBACK_BASE_URL: app.url,
      FLASHBACK_ACCESS_TOKEN: app.tokenFor(organization.owner),
    };
    const example = spawn('node', ['live.js'], { cwd: project.path, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    example.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    await vi.waitUntil(() => output.includes('requireMFA: true'), { timeout: 20_000 });
    expect(output).toContain('100000 reads took less than a second\n');
    await settings('PUT', { security: { requireMFA: false } });
    await vi.waitUntil(() => /organization settings: version \d+\n/.test(output), { timeout: 20_000 });
    example.kill('SIGINT');
    const [code] = (await once(example, 'exit')) as [number];
    expect(code).toBe(0);
  });

  it('does not hold up a process whose call was aborted while it waited', async () => {
    const busy = await AServer.start(answer(503, {}, { 'retry-after': '20' }));
    const script = `
      import { FlashbackClient } from '@flashback/client';
      const client = new FlashbackClient({ accessToken: 'token', baseUrl: '${busy.url}' });
      await client.settings.user.get({ signal: AbortSignal.timeout(200) }).catch((error) => console.log(error.code));`;
    const start = performance.now();
    const { stdout } = await run('node', ['--input-type=module', '--eval', script]);
    expect(stdout).toBe('timed_out\n');
    expect(performance.now() - start).toBeLessThan(10_000);
    await busy.close();
  });

  it('needs no more than what browsers and edge runtimes have', async () => {
    const entry = join(project.path, 'node_modules/@flashback/client/dist/esm/lossless.js');
    const { output } = await build({ input: entry, output: { format: 'iife', name: 'flashback' }, write: false });
    const platform = { AbortController, Headers, clearTimeout, fetch, performance, setTimeout, options: {} };
    const options = { accessToken: app.tokenFor(organization.owner), baseUrl: app.url };
    const script = `${output[0].code}; new flashback.FlashbackClient(options).settings.user.get()`;
    const reply: unknown = await runInContext(script, createContext({ ...platform, options }));
    expect(JSON.stringify(reply)).toContain('"success":true');
  });
});

describe('the documented snippets', () => {
  const TOKEN = 'your-access-token';

  /** The one that is a comment about a subclass, as code of a subclass. */
  const completed = (comment: string) => `import { FlashbackClient } from '@flashback/client';
class Client extends FlashbackClient {
  rename(orgId: string) {
    return ${comment.slice(comment.indexOf('// this.')).replaceAll(/^\/\/ /gm, '')}
  }
}
console.log(JSON.stringify(await new Client({ accessToken: '${TOKEN}' }).rename('${organization.id}')));
`;

  beforeAll(async () => {
    const folder = join(project.path, 'snippets');
    mkdirSync(folder);
    for (const file of readdirSync(SAMPLES).filter((file) => file.endsWith('.ts'))) {
      const snippet = readFileSync(join(SAMPLES, file), 'utf8');
      writeFileSync(join(folder, file), snippet.replaceAll(TOKEN, app.tokenFor(organization.owner)));
      writeFileSync(join(folder, `unchanged-${file}`), snippet);
      if (snippet.includes(TOKEN)) continue;
      writeFileSync(
        join(folder, `completed-${file}`),
        completed(snippet).replaceAll(TOKEN, app.tokenFor(organization.owner)),
      );
    }
    writeFileSync(
      join(folder, 'tsconfig.json'),
      '{ "compilerOptions": { "strict": true, "module": "nodenext", "target": "es2022", "types": [] } }',
    );
    await run('node', [TSC], folder);
  });

  const runSnippet = (name: string) => run('node', [join('snippets', `${name}.js`)]);

  it('PUT /settings/organization', async () => {
    const { headers } = await settings('POST', { settings: { kept: 1, security: { sessionTimeout: 5 } } });
    const version = Number.parseInt(String(headers['etag']).slice(1));
    const { stdout } = await runSnippet('put-settings-organization');
    expect(stdout).toBe(`Organization settings partially updated: {
  success: true,
  message: 'Organization settings partially updated successfully',
  version: ${version + 1}
}
`);
    expect((await settings('GET')).body).toStrictEqual({
      success: true,
      settings: { kept: 1, maxFileSize: '20GB', security: { sessionTimeout: 5, requireMFA: false } },
    });
  });

  it('POST, then DELETE /settings/organization', async () => {
    const updated = await runSnippet('post-settings-organization');
    expect(updated.stdout).toContain('Organization settings updated: {');
    expect((await settings('GET')).body).toStrictEqual({
      success: true,
      settings: {
        defaultStorageType: 'S3',
        maxFileSize: '10GB',
        retentionPolicy: { enabled: true, days: 365 },
        security: { requireMFA: true, sessionTimeout: 3600 },
      },
    });
    const deleted = await runSnippet('delete-settings-organization');
    expect(deleted.stdout).toContain('Organization settings keys deleted: {');
    expect((await settings('GET')).body).toStrictEqual({
      success: true,
      settings: { defaultStorageType: 'S3', maxFileSize: '10GB', security: { sessionTimeout: 3600 } },
    });
  });

  it('PUT /settings/user', async () => {
    const { stdout } = await runSnippet('put-settings-user');
    expect(stdout).toContain('User settings partially updated: {');
    expect((await settings('GET', undefined, '/settings/user')).body).toMatchObject({
      settings: { theme: 'light', notifications: { email: false } },
    });
  });

  it('PUT /organization/{orgId}', async () => {
    const { stdout } = await runSnippet('completed-put-organization');
    expect(JSON.parse(stdout)).toMatchObject({
      success: true,
      data: { id: organization.id, name: 'Updated Organization Name', city: 'Los Angeles', mfaEnforced: true },
      message: 'Organization updated successfully',
    });
    expect((await runSnippet('put-organization')).stdout).toBe('');
  });

  it.each([
    ['put-settings-organization', 'Failed to partially update organization settings'],
    ['post-settings-organization', 'Failed to update organization settings'],
    ['delete-settings-organization', 'Failed to delete organization settings keys'],
    ['put-settings-user', 'Failed to partially update user settings'],
  ])('%s shows what the service says of the token in it', async (name, words) => {
    const { stdout, stderr } = await runSnippet(`unchanged-${name}`);
    expect(stdout).toBe('');
    expect(stderr).toContain(`${words}: FlashbackError: Unauthorized`);
  });
});
