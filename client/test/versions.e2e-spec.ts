import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../../test/support/app.js';
import { anOrganization, aUser, type TestOrganization } from '../../test/support/factories.js';
import { judgedFetch } from '../../test/support/judged-replies.js';
import { SCOPES } from '../../test/support/scopes.js';
import { FlashbackClient, type FlashbackClientOptions, type SettingsResource } from '../src/index.js';
import { FlashbackClient as LosslessClient, JsonNumber } from '../src/lossless.js';
import { losingReplies, rejectionOf } from './a-server.js';

/** Versions, preconditions, patches and dry runs of settings through the client, on the real service. */

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());

const clientOf = (user: string, options: Partial<FlashbackClientOptions> = {}) =>
  new FlashbackClient({ accessToken: app.tokenFor(user), baseUrl: app.url, fetch: judgedFetch, ...options });

describe.each(SCOPES)('client.settings.$scope', ({ scope, writer, title }) => {
  let settings: SettingsResource;
  beforeEach(async () => {
    organization = await anOrganization(app.dataSource);
    settings = clientOf(writer(organization)).settings[scope];
    await settings.update({ settings: { a: 1 } });
  });

  const losing = (count: number) => clientOf(writer(organization), { fetch: losingReplies(count) }).settings[scope];

  it('tells the version of everything', async () => {
    expect((await settings.get()).version).toBe(1);
    expect((await settings.update({ settings: { b: 1 } })).version).toBe(2);
    expect((await settings.partialUpdate({ b: 1 })).version).toBe(2);
    expect((await settings.partialUpdate({ c: 1 })).version).toBe(3);
    expect((await settings.patch({ c: null })).version).toBe(4);
    expect((await settings.delete({ keys: ['b'] })).version).toBe(5);
    expect(await settings.versions.restore(1)).toStrictEqual({
      success: true,
      message: `${title} restored successfully`,
      version: 6,
    });
    expect(await settings.get()).toStrictEqual({ success: true, settings: { a: 1 }, version: 6 });
  });

  it('changes only the version that it is told', async () => {
    expect((await settings.partialUpdate({ b: 1 }, { ifVersion: 1 })).version).toBe(2);
    for (const late of [
      () => settings.update({ settings: {} }, { ifVersion: 1 }),
      () => settings.partialUpdate({ b: 2 }, { ifVersion: 1 }),
      () => settings.patch({ b: 2 }, { ifVersion: 1 }),
      () => settings.patch([{ op: 'test', path: '/b', value: 2 }], { ifVersion: 1 }),
      () => settings.delete({ keys: ['b'] }, { ifVersion: 1 }),
      () => settings.versions.restore(1, { ifVersion: 1 }),
      () => settings.delete({ keys: ['b'] }, { ifVersion: 1, dryRun: true }),
      () => settings.partialUpdate({ b: 2 }, { ifVersion: 0 }),
    ]) {
      expect(await rejectionOf(late())).toMatchObject({ code: 'precondition_failed', status: 412, currentVersion: 2 });
    }
    expect((await settings.get()).settings).toStrictEqual({ a: 1, b: 1 });
  });

  it.each<[string, (settings: SettingsResource) => Promise<unknown>]>([
    ['update', (settings) => settings.update({ settings: { a: 2 } }, { ifVersion: 1 })],
    ['partialUpdate', (settings) => settings.partialUpdate({ a: 2 }, { ifVersion: 1 })],
    [
      'patch',
      (settings) =>
        settings.patch(
          [
            { op: 'test', path: '/a', value: 1 },
            { op: 'replace', path: '/a', value: 2 },
          ],
          { ifVersion: 1 },
        ),
    ],
    ['delete', (settings) => settings.delete({ keys: ['a'] }, { ifVersion: 1 })],
  ])('recognizes its own %s whose reply was lost, and makes it once', async (_, change) => {
    expect(await change(losing(2))).toMatchObject({ success: true, version: 2 });
    expect((await settings.get()).version).toBe(2);
  });

  it('recognizes its own also when others have changed it since', async () => {
    let isFirst = true;
    const fetchThatOthersFollow: typeof fetch = async (...request) => {
      const response = await judgedFetch(...request);
      if (!isFirst) return response;
      isFirst = false;
      await settings.partialUpdate({ of: 'others' });
      throw new TypeError('The reply was lost');
    };
    const slow = clientOf(writer(organization), { fetch: fetchThatOthersFollow }).settings[scope];
    expect(await slow.partialUpdate({ b: 1 }, { ifVersion: 1 })).toMatchObject({ success: true, version: 2 });
    expect(await settings.get()).toMatchObject({ settings: { a: 1, b: 1, of: 'others' }, version: 3 });
  });

  it("does not take others' change for its own", async () => {
    let isFirst = true;
    const fetchThatOthersPrecede: typeof fetch = async (...request) => {
      if (!isFirst) return judgedFetch(...request);
      isFirst = false;
      await settings.partialUpdate({ of: 'others' });
      throw new TypeError('The request was lost');
    };
    const slow = clientOf(writer(organization), { fetch: fetchThatOthersPrecede }).settings[scope];
    expect(await rejectionOf(slow.partialUpdate({ b: 1 }, { ifVersion: 1 }))).toMatchObject({
      code: 'precondition_failed',
      currentVersion: 2,
    });
    expect((await settings.get()).settings).toStrictEqual({ a: 1, of: 'others' });
  });

  it('repeats what changes nothing, and it stays the same version', async () => {
    expect(await losing(1).partialUpdate({ a: 1 }, { ifVersion: 1 })).toMatchObject({
      message: `${title} partially updated successfully`,
      version: 1,
    });
  });

  it('lists who changed what, when and why', async () => {
    await settings.partialUpdate({ a: 2 }, { reason: 'Größer für 株式会社 🙂' });
    const { versions, next } = await settings.versions.list({ limit: 1 });
    expect(versions).toMatchObject([
      {
        version: 2,
        operation: 'merge',
        actor: { id: writer(organization) },
        paths: ['/a'],
        reason: 'Größer für 株式会社 🙂',
      },
    ]);
    expect(next).toBe(2);
    const rest = await settings.versions.list({ before: next! });
    expect(rest).toMatchObject({ versions: [{ version: 1, operation: 'replace', reason: null }], next: null });
  });

  it.each(["UTF-8''100%", "utf-8'en'a", '100%', 'à la carte', 'a "b" \\'])('keeps the reason %s', async (reason) => {
    await settings.partialUpdate({ a: reason }, { reason });
    expect((await settings.versions.list({ limit: 1 })).versions).toMatchObject([{ reason }]);
  });

  it('shows, compares and restores versions', async () => {
    await settings.update({ settings: { b: 2 } });
    await settings.partialUpdate({ c: 3 });
    expect(await settings.versions.get(1)).toStrictEqual({
      success: true,
      version: 1,
      at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      settings: { a: 1 },
    });
    expect(await settings.versions.diff(3)).toStrictEqual({
      success: true,
      from: 2,
      to: 3,
      patch: [{ op: 'add', path: '/c', value: 3 }],
    });
    const { patch } = await settings.versions.diff(1, { from: 3 });
    expect((await settings.patch(patch, { dryRun: true })).settings).toStrictEqual({ a: 1 });
    expect(await rejectionOf(settings.versions.get(9))).toMatchObject({ code: 'not_found' });
    await settings.versions.restore(1, { ifVersion: 3, reason: 'It was better' });
    expect((await settings.versions.list({ limit: 1 })).versions).toMatchObject([
      { version: 4, operation: 'restore', reason: 'It was better' },
    ]);
  });

  it('shows the document as it was then', async () => {
    const { at } = await settings.versions.get(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await settings.update({ settings: { b: 2 } });
    for (const then of [at, new Date(at), at.replace('Z', '+00:00')]) {
      expect(await settings.get({ at: then })).toStrictEqual({ success: true, settings: { a: 1 }, version: 1 });
    }
    expect(await rejectionOf(settings.get({ at: 'yesterday' }))).toMatchObject({ code: 'invalid' });
    expect(await rejectionOf(settings.get({ at: new Date(NaN) }))).toBeInstanceOf(RangeError);
  });

  it('patches by operations and by merging', async () => {
    expect(await settings.patch({ a: null, list: [1, 2] })).toMatchObject({ message: `${title} patched successfully` });
    await settings.patch([
      { op: 'test', path: '/list/0', value: 1 },
      { op: 'add', path: '/list/-', value: { deep: true } },
    ]);
    expect((await settings.get()).settings).toStrictEqual({ list: [1, 2, { deep: true }] });
    expect(await rejectionOf(settings.patch([{ op: 'test', path: '/list/0', value: 2 }]))).toMatchObject({
      code: 'conflict',
      status: 409,
    });
  });

  it('tries every change, and changes nothing', async () => {
    const before = await settings.get();
    const patch = [{ op: 'replace', path: '/a', value: 2 }] as const;
    const dryRun = true;
    for (const tried of [
      await settings.update({ settings: { a: 2 } }, { dryRun }),
      await settings.partialUpdate({ a: 2 }, { dryRun, ifVersion: 1 }),
      await settings.patch({ a: 2 }, { dryRun }),
      await settings.patch(patch, { dryRun }),
    ]) {
      expect(tried).toMatchObject({ success: true, dryRun, settings: { a: 2 }, patch, version: 1 });
    }
    expect(await settings.delete({ keys: ['a'] }, { dryRun })).toMatchObject({
      settings: {},
      patch: [{ op: 'remove', path: '/a' }],
    });
    expect(await settings.versions.restore(1, { dryRun })).toMatchObject({ settings: { a: 1 }, patch: [] });
    expect(await settings.get()).toStrictEqual(before);
    await settings.update({ settings: { a: 3 } }, { dryRun: false });
    expect((await settings.get()).version).toBe(2);
  });

  it('keeps every digit in all of these', async () => {
    const lossless = new LosslessClient({ accessToken: app.tokenFor(writer(organization)), baseUrl: app.url });
    const big = lossless.settings[scope];
    const n = new JsonNumber('12345678901234567890.00000000000000000001');
    await big.patch({ n });
    await big.patch([
      { op: 'test', path: '/n', value: n },
      { op: 'add', path: '/m', value: 98765432109876543210n },
    ]);
    const m = new JsonNumber('98765432109876543210');
    expect((await big.versions.get(3)).settings).toStrictEqual({ a: 1, m, n });
    expect((await big.versions.diff(3)).patch).toStrictEqual([{ op: 'add', path: '/m', value: m }]);
    const tried = await big.partialUpdate({ k: n }, { dryRun: true });
    expect(tried).toMatchObject({ settings: { a: 1, k: n, m, n }, patch: [{ op: 'add', path: '/k', value: n }] });
    const { at } = await big.versions.get(2);
    expect((await big.get({ at })).settings).toStrictEqual({ a: 1, n });
  });
});

describe('a document that was never changed', () => {
  it('is in version 0, and only the first change finds it there', async () => {
    const { user } = clientOf(await aUser(app.dataSource)).settings;
    expect(await user.get()).toStrictEqual({ success: true, settings: {}, version: 0 });
    const changes = [1, 2, 3].map((n) => user.update({ settings: { n } }, { ifVersion: 0 }));
    const outcomes = await Promise.allSettled(changes);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await user.get()).version).toBe(1);
  });
});
