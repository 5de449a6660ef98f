import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../../test/support/app.js';
import { anOrganization, aService, type TestOrganization } from '../../test/support/factories.js';
import { judgedFetch } from '../../test/support/judged-replies.js';
import {
  FlashbackClient,
  type FlashbackClientOptions,
  type FlashbackError,
  type GetEffectiveSettingsResponse,
} from '../src/index.js';
import { losingReplies, rejectionOf } from './a-server.js';

/** The settings of the system, policies and effective settings through the client, on the real service. */

let app: TestApp;
let operator: string;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
  operator = await aService(app.dataSource, ['system:read', 'system:write']);
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
  const { system } = clientOf(operator).settings;
  await system.update({ settings: {} });
  await system.policy.delete();
});

const clientOf = (as: string, options: Partial<FlashbackClientOptions> = {}) =>
  new FlashbackClient({ accessToken: app.tokenFor(as), baseUrl: app.url, fetch: judgedFetch, ...options });

describe('client.settings.system', () => {
  it('has all that settings have', async () => {
    const { system } = clientOf(operator).settings;
    const { version } = await system.update({ settings: { maxFileSize: '5GB', theme: 'light' } });
    expect(await system.get()).toStrictEqual({
      success: true,
      settings: { maxFileSize: '5GB', theme: 'light' },
      version,
    });
    await system.partialUpdate({ support: { email: 'help@example.com' } }, { reason: 'Ticket 4711' });
    await system.patch({ theme: null });
    expect(await system.delete({ keys: ['support.email'] })).toStrictEqual({
      success: true,
      message: 'System settings keys deleted successfully',
      version: version + 3,
    });
    const tried = await system.versions.restore(version, { dryRun: true, impact: true });
    expect(tried).toMatchObject({ settings: { theme: 'light' }, version: version + 3 });
    expect(tried.impact?.members).toBeGreaterThan(4);
    expect((await system.versions.diff(version + 1)).patch).toHaveLength(1);
    expect((await system.versions.list({ limit: 3 })).versions.at(-1)!.reason).toBe('Ticket 4711');
    expect(await system.getIfChanged(version + 3)).toStrictEqual({ changed: false });
    expect((await system.get()).settings).toStrictEqual({ maxFileSize: '5GB', support: {} });
  });

  it('is not for users', async () => {
    const { system } = clientOf(organization.owner).settings;
    expect(await rejectionOf(system.get())).toMatchObject({ code: 'forbidden' });
    expect(await rejectionOf(system.policy.get())).toMatchObject({ code: 'forbidden' });
  });
});

describe.each(['organization', 'system'] as const)('client.settings.%s.policy', (layer) => {
  const POLICY = { locks: { '/security/requireMFA': { reason: 'SOC 2' } }, enforcement: 'warn' } as const;
  const policyOf = (options: Partial<FlashbackClientOptions> = {}) =>
    clientOf(layer === 'system' ? operator : organization.owner, options).settings[layer].policy;
  const title = layer === 'system' ? 'System policy' : 'Organization policy';

  it('is read, replaced, patched, taken away and restored', async () => {
    const policy = policyOf();
    const { version } = await policy.update({ policy: POLICY }, { reason: 'Audit' });
    expect(await policy.get()).toStrictEqual({ success: true, policy: POLICY, version });
    expect(await policy.patch({ enforcement: null })).toMatchObject({ message: `${title} patched successfully` });
    await policy.patch([
      { op: 'add', path: '/schema', value: { user: { properties: { theme: { type: 'string' } } } } },
    ]);
    expect((await policy.get()).policy).toStrictEqual({
      locks: POLICY.locks,
      schema: { user: { properties: { theme: { type: 'string' } } } },
    });
    expect(await policy.delete({ ifVersion: version + 2 })).toStrictEqual({
      success: true,
      message: `${title} deleted successfully`,
      version: version + 3,
    });
    expect((await policy.get()).policy).toStrictEqual({});
    expect(await rejectionOf(policy.delete({ ifVersion: version }))).toMatchObject({ code: 'precondition_failed' });
    const { versions } = await policy.versions.list({ limit: 4 });
    expect(versions.map(({ operation }) => operation)).toStrictEqual([
      'delete',
      'json-patch',
      'merge-patch',
      'replace',
    ]);
    expect(versions[3]).toMatchObject({ reason: 'Audit', paths: expect.any(Array) as string[] });
    expect((await policy.versions.get(version)).policy).toStrictEqual(POLICY);
    expect((await policy.versions.diff(version + 1)).patch).toStrictEqual([{ op: 'remove', path: '/enforcement' }]);
    expect((await policy.versions.restore(version)).version).toBe(version + 4);
    expect(await policy.getIfChanged(version + 3)).toStrictEqual({ changed: true, ...(await policy.get()) });
  });

  it('is tried, and tells whom it would touch', async () => {
    const policy = policyOf();
    await clientOf(organization.owner).settings.organization.update({ settings: { maxFileSize: 'huge' } });
    const { version } = await policy.get();
    const schema = { user: { properties: { theme: { default: 'dark' } } } };
    const tried = await policy.update({ policy: { schema } }, { dryRun: true, impact: true });
    expect(tried).toMatchObject({ success: true, dryRun: true, policy: { schema }, version });
    expect(tried.impact).toMatchObject({ violations: { examples: [] } });
    expect(tried.impact!.changed).toBe(tried.impact!.members);
    expect(tried.impact!.paths[0]).toStrictEqual({ path: '/theme', members: tried.impact!.members });
    expect((await policy.delete({ dryRun: true })).policy).toStrictEqual({});
    expect((await policy.patch({ enforcement: 'off' }, { dryRun: true })).impact).toBeUndefined();
    expect((await policy.get()).version).toBe(version);
  });

  it('says what is wrong with it', async () => {
    const wrong = policyOf().update({ policy: { enforcement: 'maybe' as 'off' } });
    expect(await rejectionOf(wrong)).toMatchObject({
      code: 'invalid',
      message: `Failed to update ${title.toLowerCase()}`,
      error: '/enforcement must be off, warn, enforce',
    });
  });

  it('recognizes its own change whose reply was lost', async () => {
    const { version } = await policyOf().get();
    const losing = policyOf({ fetch: losingReplies(1) });
    expect(await losing.patch({ enforcement: 'off' }, { ifVersion: version })).toMatchObject({ version: version + 1 });
    const { versions } = await policyOf().versions.list();
    expect(versions.filter((made) => made.version > version)).toHaveLength(1);
  });

  it('yields itself again when it changes', async () => {
    const seen: unknown[] = [];
    const controller = new AbortController();
    for await (const { policy } of policyOf().watch(controller)) {
      seen.push(policy);
      if (seen.length === 2) controller.abort();
      else await policyOf().update({ policy: POLICY });
    }
    expect(seen).toStrictEqual([{}, POLICY]);
  });
});

describe('a change that a policy binds', () => {
  const schema = { user: { properties: { maxFileSize: { pattern: '^[0-9]+GB$' } } } };
  const ours = () => clientOf(organization.owner).settings;

  it('says which rules and locks it breaks', async () => {
    const { organization, user } = ours();
    await organization.policy.update({ policy: { schema, locks: { '/größe': { reason: 'SOC 2' } } } });
    expect(await rejectionOf(user.partialUpdate({ maxFileSize: 'huge' }))).toMatchObject({
      code: 'invalid',
      violations: [
        { pointer: '/maxFileSize', rule: 'pattern', message: 'must match pattern "^[0-9]+GB$"', by: 'organization' },
      ],
    });
    expect(await rejectionOf(user.update({ settings: { größe: 5 } }))).toMatchObject({
      code: 'forbidden',
      violations: [{ pointer: '/größe', rule: 'lock', message: 'SOC 2', by: 'organization' }],
    });
    const system = clientOf(operator).settings.system.policy;
    await system.update({ policy: { locks: { '/region': {} } } });
    const [violation] = ((await rejectionOf(organization.patch({ region: 'eu' }))) as FlashbackError).violations!;
    expect(violation).toStrictEqual({ pointer: '/region', rule: 'lock', message: 'is locked', by: 'system' });
  });

  it('is warned of, also when it is tried', async () => {
    const { organization, user } = ours();
    await organization.policy.update({ policy: { schema, enforcement: 'warn' } });
    expect(await user.partialUpdate({ maxFileSize: 'huge' }, { dryRun: true })).toMatchObject({
      settings: { maxFileSize: 'huge' },
      warning: '1 violation',
    });
    expect(await user.partialUpdate({ maxFileSize: 'huge' })).toMatchObject({ version: 1, warning: '1 violation' });
    expect(await user.partialUpdate({ maxFileSize: '5GB' })).not.toHaveProperty('warning');
  });
});

describe('client.settings.effective', () => {
  beforeEach(async () => {
    const { system } = clientOf(operator).settings;
    await system.update({ settings: { theme: 'light', support: { email: 'help@example.com' } } });
    const { settings } = clientOf(organization.owner);
    await settings.organization.update({ settings: { security: { requireMFA: true } } });
    await settings.organization.policy.update({ policy: { locks: { '/security/requireMFA': { reason: 'SOC 2' } } } });
    await settings.user.update({ settings: { theme: 'dark' } });
  });

  it('get() yields what applies, and why', async () => {
    const { effective } = clientOf(organization.owner).settings;
    const expected = { theme: 'dark', security: { requireMFA: true }, support: { email: 'help@example.com' } };
    expect(await effective.get()).toStrictEqual({
      success: true,
      settings: expected,
      tag: expect.stringMatching(/^"[\d.]+-[\w-]+"$/) as string,
    });
    const { settings, reasons } = await effective.get<{ theme: string }>({ explain: true });
    expect(settings.theme).toBe('dark');
    expect(reasons).toMatchObject({
      '/theme': { from: 'user', overridden: ['system'] },
      '/security/requireMFA': { from: 'organization', locked: { by: 'organization', reason: 'SOC 2' } },
      '/support/email': { from: 'system' },
    });
    expect((await effective.get({ scope: 'organization' })).settings).toStrictEqual({ ...expected, theme: 'light' });
  });

  it('get({ at }) yields what applied then', async () => {
    const { effective, user } = clientOf(organization.owner).settings;
    const then = new Date();
    await sleep(5);
    await user.update({ settings: { theme: 'blue' } });
    expect((await effective.get()).settings['theme']).toBe('blue');
    expect((await effective.get({ at: then, explain: true })).settings['theme']).toBe('dark');
  });

  it('is read for a member by a service account', async () => {
    const service = await aService(app.dataSource, ['settings:read', 'user-settings:read']);
    const { effective } = clientOf(service, { organizationId: organization.id }).settings;
    expect((await effective.get({ user: organization.owner })).settings['theme']).toBe('dark');
    expect((await effective.get()).settings['theme']).toBe('light');
  });

  it('getIfChanged() reads what is new, and may wait for it', async () => {
    const { effective, user } = clientOf(organization.owner).settings;
    const { tag } = await effective.get();
    expect(await effective.getIfChanged(tag)).toStrictEqual({ changed: false });
    const since = performance.now();
    expect(await effective.getIfChanged(tag, { wait: 1 })).toStrictEqual({ changed: false });
    expect(performance.now() - since).toBeGreaterThan(900);
    const waiting = effective.getIfChanged(tag, { wait: 30, explain: true });
    await sleep(100);
    await clientOf(operator).settings.system.partialUpdate({ quota: 5 });
    expect(await waiting).toMatchObject({ changed: true, settings: { quota: 5 }, reasons: { '/quota': {} } });
    const { version } = await user.get();
    const own = user.getIfChanged(version, { wait: 30 });
    await sleep(100);
    await user.partialUpdate({ theme: 'blue' });
    expect(await own).toMatchObject({ changed: true, settings: { theme: 'blue' }, version: version + 1 });
  });

  it('watch() yields it again, whichever layer changes', async () => {
    const { settings } = clientOf(organization.owner);
    const { system } = clientOf(operator).settings;
    const changes = [
      () => settings.user.partialUpdate({ theme: 'blue' }),
      () => settings.organization.partialUpdate({ security: { requireMFA: false } }),
      () => system.policy.update({ policy: { locks: { '/theme': {} } } }),
    ];
    const seen: GetEffectiveSettingsResponse[] = [];
    const controller = new AbortController();
    for await (const reply of settings.effective.watch({ signal: controller.signal, explain: true })) {
      seen.push(reply);
      const change = changes.shift();
      if (change === undefined) controller.abort();
      else await change();
    }
    const support = { email: 'help@example.com' };
    expect(seen.map((reply) => reply.settings)).toStrictEqual([
      { theme: 'dark', security: { requireMFA: true }, support },
      { theme: 'blue', security: { requireMFA: true }, support },
      { theme: 'blue', security: { requireMFA: false }, support },
      { theme: 'light', security: { requireMFA: false }, support },
    ]);
    expect(seen[3]!.reasons!['/theme']!.locked).toStrictEqual({ by: 'system' });
    expect(await settings.effective.getIfChanged(seen[3]!.tag)).toStrictEqual({ changed: false });
  });
});
