import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../../test/support/app.js';
import { anOrganization, aService, aUser, type TestOrganization } from '../../test/support/factories.js';
import { judgedFetch } from '../../test/support/judged-replies.js';
import { SCOPES } from '../../test/support/scopes.js';
import { FlashbackClient, type FlashbackClientOptions, FlashbackError } from '../src/index.js';
import { losingReplies, rejectionOf } from './a-server.js';

/** Settings through the client, on the real service. */

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
  organization = await anOrganization(app.dataSource);
});
afterAll(() => app.close());

const clientOf = (user: string, options: Partial<FlashbackClientOptions> = {}) =>
  new FlashbackClient({ accessToken: app.tokenFor(user), baseUrl: app.url, fetch: judgedFetch, ...options });

describe.each(SCOPES)('client.settings.$scope', ({ scope, path, title, noun, writer }) => {
  const settings = (user = writer(organization)) => clientOf(user).settings[scope];

  beforeEach(() => settings().update({ settings: { kept: 1, security: { requireMFA: true, sessionTimeout: 3600 } } }));

  it('get() yields the document', async () => {
    expect(await settings().get()).toStrictEqual({
      success: true,
      settings: { kept: 1, security: { requireMFA: true, sessionTimeout: 3600 } },
      version: expect.any(Number) as number,
    });
  });

  it('getIfChanged() yields it only when it is another', async () => {
    const { version } = await settings().get();
    expect(await settings().getIfChanged(version)).toStrictEqual({ changed: false });
    const written = await settings().partialUpdate({ theme: `not in version ${version}` });
    expect(await settings().getIfChanged(version)).toStrictEqual({ changed: true, ...(await settings().get()) });
    expect(await settings().getIfChanged(written.version)).toStrictEqual({ changed: false });
    const wrong = [-1, 1.5, NaN, undefined as unknown as number];
    for (const none of wrong) expect(await rejectionOf(settings().getIfChanged(none))).toBeInstanceOf(TypeError);
  });

  it('update() replaces it', async () => {
    expect(await settings().update({ settings: { theme: 'dark' } })).toStrictEqual({
      success: true,
      message: `${title} updated successfully`,
      version: expect.any(Number) as number,
    });
    expect((await settings().get()).settings).toStrictEqual({ theme: 'dark' });
  });

  it('partialUpdate() merges into it', async () => {
    expect(await settings().partialUpdate({ security: { requireMFA: false }, maxFileSize: '20GB' })).toStrictEqual({
      success: true,
      message: `${title} partially updated successfully`,
      version: expect.any(Number) as number,
    });
    expect((await settings().get()).settings).toStrictEqual({
      kept: 1,
      maxFileSize: '20GB',
      security: { requireMFA: false, sessionTimeout: 3600 },
    });
  });

  it('delete() takes keys out of it', async () => {
    expect(await settings().delete({ keys: ['kept', 'security.requireMFA'] })).toStrictEqual({
      success: true,
      message: `${title} keys deleted successfully`,
      version: expect.any(Number) as number,
    });
    expect((await settings().get()).settings).toStrictEqual({ security: { sessionTimeout: 3600 } });
  });

  it('carries any JSON there and back', async () => {
    const document = { '': '', 'a.b': [1.5, null, [true]], constructor: { toString: 'é🙂\u2028"\\\n' }, n: -1e-7 };
    await settings().update({ settings: document });
    expect((await settings().get()).settings).toEqual(document);
  });

  it('throws what the service says of a wrong request, word for word', async () => {
    const wrong = [] as unknown as Record<string, unknown>;
    const error = await rejectionOf(settings().partialUpdate(wrong));
    const raw = await app.request('PUT', path, { as: writer(organization), body: [] });
    expect(error).toBeInstanceOf(FlashbackError);
    expect(error).toMatchObject({
      name: 'FlashbackError',
      code: 'invalid',
      status: 400,
      message: `Failed to partially update ${noun}`,
      error: (raw.body as { error: string }).error,
      body: raw.body,
    });
    expect((error as FlashbackError).requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('throws for keys that are none', async () => {
    expect(await rejectionOf(settings().delete({ keys: [] }))).toMatchObject({
      code: 'invalid',
      message: 'Keys array is required and must not be empty',
    });
  });

  it('throws for a document that is too large', async () => {
    const error = await rejectionOf(settings().partialUpdate({ large: 'x'.repeat(600_000) }));
    expect(error).toMatchObject({ code: 'too_large', status: 413, message: 'Payload too large' });
  });

  it('throws for a token that is none', async () => {
    const client = new FlashbackClient({ accessToken: 'your-access-token', baseUrl: app.url });
    const error = await rejectionOf(client.settings[scope].get());
    expect(error).toMatchObject({ code: 'unauthorized', status: 401, message: 'Unauthorized' });
  });
});

describe('who may not', () => {
  it('gets a 403 for writing as a plain member', async () => {
    const { settings } = clientOf(organization.user);
    const error = await rejectionOf(settings.organization.update({ settings: {} }));
    expect(error).toMatchObject({
      code: 'forbidden',
      status: 403,
      message: 'Insufficient permissions: only OWNER and ADMINISTRATOR roles can modify organization settings',
    });
  });

  it('gets a 404 without an organization', async () => {
    const { settings } = clientOf(await aUser(app.dataSource));
    expect(await rejectionOf(settings.organization.get())).toMatchObject({
      code: 'not_found',
      status: 404,
      message: 'User not associated with any organization',
    });
  });
});

describe('a service account', () => {
  const SERVICE_SCOPES = ['settings:read', 'settings:write', 'organization:read'] as const;
  const serviceOf = async (options: Partial<FlashbackClientOptions> = {}) =>
    clientOf(await aService(app.dataSource, [...SERVICE_SCOPES]), options);

  it('names the organization that it acts on, once for its client', async () => {
    const client = await serviceOf({ organizationId: organization.id });
    const settings = client.settings.organization;
    await settings.update({ settings: { of: 'service' } });
    const { version } = await settings.partialUpdate({ more: 1 });
    await settings.patch({ more: null });
    await settings.delete({ keys: ['of'] });
    await settings.versions.restore(version);
    expect((await settings.versions.list({ limit: 1 })).versions).toMatchObject([{ operation: 'restore' }]);
    expect((await settings.versions.get(version)).settings).toStrictEqual({ of: 'service', more: 1 });
    const read = await settings.get();
    expect(read.settings).toStrictEqual({ of: 'service', more: 1 });
    expect(await settings.getIfChanged(read.version)).toStrictEqual({ changed: false });
    for (const path of ['settings/organization', '/settings/organization', 'settings/organization?dryRun=false']) {
      expect(await client.makeRequest(path, 'PUT', { a: 1 })).toMatchObject({ success: true });
    }
  });

  it('names another one for a single request', async () => {
    const other = await anOrganization(app.dataSource);
    const client = await serviceOf({ organizationId: organization.id });
    const options = { organizationId: other.id };
    await client.makeRequest('settings/organization', 'PUT', { of: 'other' }, options);
    expect(await client.makeRequest('settings/organization', 'GET', undefined, options)).toStrictEqual({
      success: true,
      settings: { of: 'other' },
    });
  });

  it('recognizes its own change whose reply was lost', async () => {
    const other = await anOrganization(app.dataSource);
    const client = await serviceOf({ organizationId: other.id, fetch: losingReplies(1) });
    const change = client.settings.organization.partialUpdate({ a: 1 }, { ifVersion: 0 });
    expect(await change).toMatchObject({ success: true, version: 1 });
  });

  it('hears without an organization that one is required', async () => {
    const { settings } = await serviceOf();
    expect(await rejectionOf(settings.organization.get())).toMatchObject({
      code: 'invalid',
      error: 'X-Organization-Id is required',
    });
  });

  it('names it nowhere else', async () => {
    const sent: [string, boolean][] = [];
    const noting: typeof fetch = (url, request) => {
      sent.push([new URL(url).pathname, new Headers(request?.headers).has('x-organization-id')]);
      return judgedFetch(url, request);
    };
    const client = await serviceOf({ organizationId: organization.id, fetch: noting });
    await client.organization.get(organization.id);
    await rejectionOf(client.settings.user.get());
    await rejectionOf(client.makeRequest('settings/organizations', 'GET'));
    expect(sent.map(([, hasName]) => hasName)).toStrictEqual([false, false, false]);
  });
});

describe('the access token', () => {
  it.each([
    ['a function', () => app.tokenFor(organization.user)],
    ['an asynchronous function', () => Promise.resolve(app.tokenFor(organization.user))],
  ])('can be %s', async (_, accessToken) => {
    const client = new FlashbackClient({ accessToken, baseUrl: app.url });
    expect(await client.settings.organization.get()).toMatchObject({ success: true });
  });

  it('is asked for at each request, so that it can be renewed', async () => {
    const tokens = [app.tokenFor(organization.user, -120), app.tokenFor(organization.user)];
    const client = new FlashbackClient({ accessToken: () => tokens.shift() ?? '', baseUrl: app.url });
    expect(await rejectionOf(client.settings.user.get())).toMatchObject({ code: 'unauthorized' });
    expect(await client.settings.user.get()).toMatchObject({ success: true });
  });

  it('that its function cannot give fails the call with that error', async () => {
    const failure = new Error('The identity provider is away');
    const client = new FlashbackClient({ accessToken: () => Promise.reject(failure), baseUrl: app.url });
    expect(await rejectionOf(client.settings.user.get())).toBe(failure);
  });
});
