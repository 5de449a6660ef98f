import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../../test/support/app.js';
import { anOrganization, aService } from '../../test/support/factories.js';
import { aFolder, runCommand } from '../../test/support/process.js';
import { FlashbackClient, type Policy } from '../src/index.js';
import { compiled } from './compiled.js';

/** The command that writes the types of a deployment's settings, from the packed client, on the real service. */

const POLICY: Policy = {
  locks: { '/security/requireMFA': { reason: 'SOC 2' } },
  schema: {
    organization: {
      type: 'object',
      required: ['region'],
      properties: {
        region: { enum: ['eu', 'us'] },
        maxFileSize: { type: 'string', description: 'In gigabytes', pattern: '^[0-9]+GB$', default: '5GB' },
        security: {
          type: 'object',
          properties: { requireMFA: { type: 'boolean' }, sessionTimeout: { type: ['integer', 'null'] } },
        },
      },
    },
    user: {
      type: 'object',
      properties: {
        theme: { enum: ['light', 'dark'], default: 'light' },
        plan: { type: 'string', readOnly: true },
        addresses: { type: 'array', items: { $ref: '#/$defs/address' } },
      },
      $defs: { address: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
    },
  },
};

let app: TestApp;
let project: Awaited<ReturnType<typeof aFolder>>;
let operator: string;

beforeAll(async () => {
  app = await TestApp.start();
  operator = await aService(app.dataSource, ['system:read', 'system:write']);
  await systemPolicy().update({ policy: POLICY });
  project = await aFolder();
  const packed = await runCommand(
    'npm',
    ['pack', '--workspace', 'client', '--pack-destination', project.path],
    resolve('.'),
  );
  writeFileSync(join(project.path, 'package.json'), '{ "private": true, "type": "module" }');
  const file = join(project.path, basename(packed.stdout.trim().split('\n').at(-1)!));
  const installed = await runCommand('npm', ['install', file, '--offline', '--no-audit', '--no-fund'], project.path);
  expect(installed.code, installed.stderr).toBe(0);
});
afterAll(async () => {
  await app.close();
  await project.remove();
});

const systemPolicy = () =>
  new FlashbackClient({ accessToken: app.tokenFor(operator), baseUrl: app.url }).settings.system.policy;

const types = (args: string[], variables: Record<string, string> = {}) =>
  runCommand('npx', ['--offline', '@flashback/client', ...args], project.path, variables);
const withToken = (...args: string[]) =>
  types(['types', '--base-url', app.url, '--token', app.tokenFor(operator), ...args]);
const written = (file = 'settings.d.ts') => readFileSync(join(project.path, file), 'utf8');

describe('npx @flashback/client types', () => {
  it('writes the types, and says whether a file has them', async () => {
    const { version } = await systemPolicy().get();
    expect(await withToken()).toStrictEqual({
      code: 0,
      stdout: `settings.d.ts now has the types of version ${version} of the system's policy\n`,
      stderr: '',
    });
    expect(written()).toContain('export interface OrganizationSettings {');
    expect((await withToken('--check')).code).toBe(0);
    writeFileSync(join(project.path, 'old.d.ts'), `${written()}\n`);
    expect(await withToken('--check', '--output', 'old.d.ts')).toStrictEqual({
      code: 1,
      stdout: '',
      stderr: "old.d.ts has other types than the system's policy\n",
    });
    expect((await withToken('--check', '--output', 'none.d.ts')).code).toBe(1);
  });

  it('takes the address and the token from the environment, too', async () => {
    const variables = { FLASHBACK_BASE_URL: app.url, FLASHBACK_ACCESS_TOKEN: app.tokenFor(operator) };
    expect((await types(['types', '--output', 'same.d.ts'], variables)).code).toBe(0);
    expect(written('same.d.ts')).toBe(written());
  });

  it('says what is wrong', async () => {
    const { owner } = await anOrganization(app.dataSource);
    const asOwner = await types(['types', '--base-url', app.url, '--token', app.tokenFor(owner)]);
    expect(asOwner).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('only service accounts of all organizations') as string,
    });
    expect((await types(['types'], { FLASHBACK_ACCESS_TOKEN: '' })).stderr).toContain('An access token is required');
    expect((await types(['tpyes'])).stderr).toContain('The command must be "types"\n\nUsage: ');
    expect((await withToken('--outptu', 'x')).stderr).toContain("Unknown option '--outptu'");
    expect((await types(['--help'])).stdout).toMatch(/^Usage: npx @flashback\/client types/);
  });
});

describe('with these types', () => {
  const program = (body: string, type = '<DeploymentSettings>') => `
    import { FlashbackClient } from '@flashback/client';
    import { liveOrganizations, liveSettings } from '@flashback/client/live';
    import type { DeploymentSettings, OrganizationSettings, UserSettings } from './settings.js';
    export async function main(client: FlashbackClient${type}, mine: UserSettings, ours: OrganizationSettings) {
      const { organization, user, effective } = client.settings;
      ${body}
    }`;

  const RIGHT = {
    'reads.ts': program(`
      const { settings } = await organization.get();
      const region: 'eu' | 'us' = settings.region;
      const city: string | undefined = (await user.get()).settings.addresses?.[0]?.city;
      const reply = await user.getIfChanged(1);
      const theme: 'light' | 'dark' | undefined = reply.changed ? reply.settings.theme : undefined;
      const applies = (await effective.get({ explain: true })).settings;
      const always: string = applies.maxFileSize.concat(applies.theme);
      const locked: boolean | undefined = applies.security?.requireMFA;
      for await (const { settings } of user.watch()) settings.theme?.concat();
      const tried = await user.partialUpdate({ theme: 'dark' }, { dryRun: true });
      const asTried: 'light' | 'dark' | undefined = tried.settings.theme;
      return { region, city, theme, always, locked, asTried };`),
    'writes.ts': program(`
      await organization.update({ settings: { region: 'eu', maxFileSize: '5GB' } });
      await organization.update({ settings: ours });
      await organization.partialUpdate({ security: { sessionTimeout: null } }, { ifVersion: 1, reason: 'Because' });
      await organization.patch({ security: { requireMFA: null }, maxFileSize: null });
      await user.partialUpdate({ addresses: [{ city: 'Boston' }] });
      await user.partialUpdate(mine);
      await user.patch([{ op: 'remove', path: '/theme' }]);
      await user.delete({ keys: ['plan'] });
      await client.settings.system.partialUpdate({ anything: 1 });
      await organization.partialUpdate<{ other: number }>({ other: 1 });`),
    'live.ts': program(`
      const live = await liveSettings(client);
      const theme: 'light' | 'dark' | undefined = live.user.get('theme') ?? live.user.settings.theme;
      const region: 'eu' | 'us' | undefined = live.organization.get('region');
      const locked: boolean | undefined = live.organization.get('security.requireMFA');
      const all = await liveOrganizations(client);
      const timeout: number | null | undefined = all.get('id', 'security.sessionTimeout');
      all.on('change', ({ document }) => document?.settings.region.concat());
      for (const [, { settings }] of all.entries()) settings.region.concat();
      const other: number | undefined = live.user.get<number>('not.in.the.schema');
      return { theme, region, locked, timeout, other };`),
    'named-at-the-call.ts': program(`await organization.partialUpdate<OrganizationSettings>({ region: 'us' });`, ''),
    'any-client.ts': `
      import { FlashbackClient } from '@flashback/client';
      import { liveSettings } from '@flashback/client/live';
      import * as lossless from '@flashback/client/lossless';
      import type { DeploymentSettings } from './settings.js';
      declare function take(client: FlashbackClient): void;
      const client = new FlashbackClient<DeploymentSettings>({ accessToken: 'x' });
      take(client);
      take(new lossless.FlashbackClient<DeploymentSettings>({ accessToken: 'x' }));
      const exact = new lossless.FlashbackClient<DeploymentSettings>({ accessToken: 'x' });
      void liveSettings(exact).then(({ organization }) => organization.settings.region.concat());
      class Mine extends FlashbackClient<DeploymentSettings> {}
      void new Mine({ accessToken: 'x' }).settings.user.partialUpdate({ theme: 'dark' });`,
  };

  const WRONG: Record<string, [string, string]> = {
    'an unknown name': [`organization.partialUpdate({ colour: 'red' });`, "'colour' does not exist"],
    'an unknown name further down': [
      `organization.partialUpdate({ security: { mfa: true } });`,
      "'mfa' does not exist",
    ],
    'a wrong type': [`organization.partialUpdate({ maxFileSize: 5 });`, "'number' is not assignable to type 'string'"],
    'a value that is none of these': [`organization.partialUpdate({ region: 'mars' });`, `"mars"' is not assignable`],
    'what the system locks': [
      `organization.partialUpdate({ security: { requireMFA: false } });`,
      "'false' is not assignable to type 'undefined'",
    ],
    'what the system locks in a patch': [
      `user.patch({ plan: 'gold' });`,
      "'string' is not assignable to type 'null | undefined'",
    ],
    'what is required and lacks': [`organization.update({ settings: {} });`, "'region' is missing"],
    'a part of an array': [`user.partialUpdate({ addresses: [{}] });`, "'city' is missing"],
    'a read of what is not there': [`(await user.get()).settings.colour;`, "'colour' does not exist"],
    'a read of another type': [`(await effective.get()).settings.theme.toFixed();`, "'toFixed' does not exist"],
    'a read of what is not in a live copy': [
      `(await liveSettings(client)).user.settings.colour;`,
      "'colour' does not exist",
    ],
    'a key that is not in a live copy': [`(await liveSettings(client)).user.get('colour');`, 'No overload matches'],
    'a key of another type in a live copy': [
      `(await liveSettings(client)).organization.get('region')?.toFixed();`,
      "'toFixed' does not exist",
    ],
    'a key that is not in a copy of all organizations': [
      `(await liveOrganizations(client)).get('id', 'security.mfa');`,
      'No overload matches',
    ],
    'a name where the call has the type': [
      `client.settings.user.partialUpdate<UserSettings>({ colour: 'red' });`,
      "'colour' does not exist",
    ],
  };

  it('what is right compiles, and what is wrong does not', () => {
    const wrong = Object.values(WRONG).map(([code], n) => [`wrong-${n}.ts`, program(code)] as const);
    const messages = compiled(project.path, { ...RIGHT, ...Object.fromEntries(wrong) });
    for (const file of Object.keys(RIGHT)) expect(messages[file], file).toStrictEqual([]);
    Object.entries(WRONG).forEach(([what, [, expected]], n) => {
      expect(messages[`wrong-${n}.ts`], what).toHaveLength(1);
      expect(messages[`wrong-${n}.ts`]![0], what).toContain(expected);
    });
  });

  it('the compiler is stricter than a service that only warns, and than a schema that is open', async () => {
    const organization = await anOrganization(app.dataSource);
    const { settings } = new FlashbackClient({ accessToken: app.tokenFor(organization.owner), baseUrl: app.url });
    await settings.organization.update({ settings: { region: 'eu', colour: 'red' } });
    try {
      for (const enforcement of ['warn', 'off'] as const) {
        await systemPolicy().update({ policy: { ...POLICY, enforcement } });
        await settings.organization.partialUpdate({ maxFileSize: enforcement === 'warn' ? 5 : 6 });
        await expect(settings.organization.partialUpdate({ security: { requireMFA: false } })).rejects.toThrow(
          'the setting is locked',
        );
      }
    } finally {
      await systemPolicy().update({ policy: POLICY });
    }
  });

  it('the service refuses what the compiler refuses', async () => {
    const organization = await anOrganization(app.dataSource);
    const client = new FlashbackClient({ accessToken: app.tokenFor(organization.owner), baseUrl: app.url });
    const refused = [{ maxFileSize: 5 }, { region: 'mars' }, { security: { requireMFA: false } }];
    for (const changes of refused) {
      await expect(client.settings.organization.partialUpdate(changes), JSON.stringify(changes)).rejects.toThrow();
    }
    await client.settings.organization.update({ settings: { region: 'eu', maxFileSize: '5GB' } });
    expect((await client.settings.effective.get()).settings).toStrictEqual({
      region: 'eu',
      maxFileSize: '5GB',
      theme: 'light',
    });
  });
});
