import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../../test/support/app.js';
import { anOrganization, type TestOrganization } from '../../test/support/factories.js';
import { judgedFetch } from '../../test/support/judged-replies.js';
import { FlashbackClient, type FlashbackClientOptions } from '../src/index.js';
import { losingReplies, rejectionOf } from './a-server.js';

/** The organization and the generic request through the client, on the real service. */

let app: TestApp;
let organization: TestOrganization;
let other: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
  organization = await anOrganization(app.dataSource, { domain: 'acme.com' });
  other = await anOrganization(app.dataSource);
});
afterAll(() => app.close());

const clientOf = (user: string, options: Partial<FlashbackClientOptions> = {}) =>
  new FlashbackClient({ accessToken: app.tokenFor(user), baseUrl: app.url, fetch: judgedFetch, ...options });

describe('client.organization', () => {
  it('get() yields the profile', async () => {
    const raw = await app.request('GET', `/organization/${organization.id}`, { as: organization.user });
    const reply = await clientOf(organization.user).organization.get(organization.id);
    expect(reply).toStrictEqual({ ...(raw.body as object), version: 0 });
    expect(reply.data.domain).toBe('acme.com');
  });

  it('update() changes what it names', async () => {
    const { organization: resource } = clientOf(organization.owner);
    await resource.update(organization.id, { city: 'Boston', state: 'MA' });
    const reply = await resource.update(organization.id, { state: null, mfaEnforced: true });
    expect(reply).toMatchObject({ success: true, message: 'Organization updated successfully' });
    expect(reply.data).toMatchObject({ id: organization.id, city: 'Boston', state: null, mfaEnforced: true });
  });

  it('changes only the version that it is told', async () => {
    const { organization: resource } = clientOf(organization.owner);
    const { version } = await resource.get(organization.id);
    const reply = await resource.update(organization.id, { city: 'Denver' }, { ifVersion: version });
    expect(reply.version).toBe(version + 1);
    const late = resource.update(organization.id, { city: 'Dallas' }, { ifVersion: version });
    expect(await rejectionOf(late)).toMatchObject({
      code: 'precondition_failed',
      currentVersion: reply.version,
      currentVersionBy: organization.owner,
      currentVersionAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    expect((await resource.get(organization.id)).data.city).toBe('Denver');
  });

  it('getIfChanged() yields the profile only when it is another', async () => {
    const { organization: resource } = clientOf(organization.owner);
    const { version } = await resource.get(organization.id);
    expect(await resource.getIfChanged(organization.id, version)).toStrictEqual({ changed: false });
    await resource.update(organization.id, { city: `Not in version ${version}` });
    expect(await resource.getIfChanged(organization.id, version)).toStrictEqual({
      changed: true,
      ...(await resource.get(organization.id)),
    });
  });

  it('versions shows, compares and restores what the profile was', async () => {
    const { id, owner } = await anOrganization(app.dataSource);
    const { organization: resource } = clientOf(owner);
    const { versions } = resource;
    await resource.update(id, { city: 'Boston' }, { reason: 'We moved – wieder' });
    const then = new Date();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await resource.update(id, { city: 'Denver', state: 'CO' });
    await resource.update(id, { city: 'Dallas' });

    const newest = await versions.list(id, { limit: 2 });
    expect(newest.data).toMatchObject({ versions: [{ version: 3 }, { version: 2 }], next: 2 });
    const [oldest] = (await versions.list(id, { before: 2, limit: 1 })).data.versions;
    expect(oldest).toMatchObject({ version: 1, operation: 'update', actor: { id: owner }, paths: ['/city'] });
    expect(oldest!.reason).toBe('We moved – wieder');

    expect((await versions.get(id, 1)).data).toMatchObject({ version: 1, profile: { city: 'Boston', state: null } });
    expect((await resource.get(id, { at: then })).data.city).toBe('Boston');
    expect((await resource.get(id, { at: then.toISOString() })).version).toBe(1);
    expect((await versions.diff(id, 3)).data).toStrictEqual({
      from: 2,
      to: 3,
      patch: [{ op: 'replace', path: '/city', value: 'Dallas' }],
    });
    expect((await versions.diff(id, 3, { from: 1 })).data.patch).toHaveLength(2);

    const late = versions.restore(id, 1, { ifVersion: 1 });
    expect(await rejectionOf(late)).toMatchObject({ code: 'precondition_failed', currentVersion: 3 });
    const restored = await versions.restore(id, 1, { ifVersion: 3, reason: 'Back again' });
    expect(restored).toMatchObject({ success: true, version: 4, data: { city: 'Boston', state: null } });
    expect((await versions.list(id, { limit: 1 })).data.versions[0]).toMatchObject({
      operation: 'restore',
      reason: 'Back again',
    });
    expect(await rejectionOf(versions.get(id, 99))).toMatchObject({ code: 'not_found', message: 'Version not found' });
    expect(await rejectionOf(versions.list('..'))).toBeInstanceOf(TypeError);
  });

  it('recognizes its own change whose reply was lost, and makes it once', async () => {
    const { version, data } = await clientOf(organization.owner).organization.get(organization.id);
    const losing = () => clientOf(organization.owner, { fetch: losingReplies(1) }).organization;
    const change = losing().update(organization.id, { city: 'Austin' }, { ifVersion: version });
    expect(await change).toMatchObject({ success: true, version: version + 1, data: { ...data, city: 'Austin' } });
    const restored = losing().versions.restore(organization.id, version, { ifVersion: version + 1 });
    expect(await restored).toMatchObject({ success: true, version: version + 2, data });
    expect((await losing().get(organization.id)).version).toBe(version + 2);
  });

  it("does not take others' change for its own after a lost request", async () => {
    const { version } = await clientOf(organization.owner).organization.get(organization.id);
    let isFirst = true;
    const fetchThatOthersPrecede: typeof fetch = async (...request) => {
      if (!isFirst) return judgedFetch(...request);
      isFirst = false;
      await clientOf(organization.administrator).organization.update(organization.id, { city: 'Reno' });
      throw new TypeError('The request was lost');
    };
    const late = clientOf(organization.owner, { fetch: fetchThatOthersPrecede }).organization;
    expect(await rejectionOf(late.update(organization.id, { city: 'Austin' }, { ifVersion: version }))).toMatchObject({
      code: 'precondition_failed',
      currentVersion: version + 1,
    });
    expect((await late.get(organization.id)).data.city).toBe('Reno');
  });

  it('throws for a plain member, another organization, and an id that is none', async () => {
    expect(
      await rejectionOf(clientOf(organization.user).organization.update(organization.id, { city: 'Boston' })),
    ).toMatchObject({
      code: 'forbidden',
      message: 'Insufficient permissions: only OWNER and ADMINISTRATOR roles can modify organization',
    });
    expect(await rejectionOf(clientOf(organization.owner).organization.get(other.id))).toMatchObject({
      code: 'forbidden',
      message: 'Access denied: you can only view your own organization',
      body: { success: false, data: null },
    });
    expect(await rejectionOf(clientOf(organization.owner).organization.get('a/../b?c#d'))).toMatchObject({
      code: 'not_found',
      message: 'Organization not found',
    });
  });

  it.each(['', '.', '..'])('does not let the id "%s" lead elsewhere', async (id) => {
    expect(await rejectionOf(clientOf(organization.owner).organization.get(id))).toBeInstanceOf(TypeError);
  });

  it('throws for nothing to update', async () => {
    expect(await rejectionOf(clientOf(organization.owner).organization.update(organization.id, {}))).toMatchObject({
      code: 'invalid',
      message: 'No valid fields to update',
    });
  });
});

describe('client.makeRequest', () => {
  it.each(['organization', '/organization'])('takes a path like %s', async (start) => {
    const reply = await clientOf(organization.owner).makeRequest<{ data: { city: string } }>(
      `${start}/${organization.id}`,
      'PUT',
      { city: 'Los Angeles' },
    );
    expect(reply.data.city).toBe('Los Angeles');
  });

  it('reads, deletes, and asks for the head alone', async () => {
    const client = clientOf(organization.owner);
    expect(await client.makeRequest('health', 'GET')).toMatchObject({ success: true });
    expect(await client.makeRequest('settings/user', 'DELETE', { keys: ['a'] })).toMatchObject({ success: true });
  });

  it('yields the body as it came, and the version when it is asked for', async () => {
    const client = clientOf(organization.owner);
    const { version, ...body } = await client.settings.user.get();
    expect(await client.makeRequest('settings/user', 'GET')).toStrictEqual(body);
    expect(await client.makeRequest('settings/user', 'GET', undefined, { withVersion: true })).toStrictEqual({
      ...body,
      version,
    });
    expect(await client.makeRequest('health', 'GET', undefined, { withVersion: true })).not.toHaveProperty('version');
  });

  it('throws for a path that there is none of', async () => {
    expect(await rejectionOf(clientOf(organization.owner).makeRequest('nowhere', 'GET'))).toMatchObject({
      code: 'not_found',
      message: 'Not found',
    });
  });

  it('never leaves the service', async () => {
    const { port } = new URL(app.url);
    const path = `//127.0.0.1:${Number(port) + 1}/settings/user`;
    expect(await rejectionOf(clientOf(organization.owner).makeRequest(path, 'GET'))).toMatchObject({
      code: 'not_found',
    });
  });

  it('is there for subclasses, also to look at every request', async () => {
    const seen: string[] = [];
    class Client extends FlashbackClient {
      override makeRequest<T>(...request: Parameters<FlashbackClient['makeRequest']>): Promise<T> {
        seen.push(`${request[1]} ${request[0]}`);
        return super.makeRequest<T>(...request);
      }
    }
    const client = new Client({ accessToken: app.tokenFor(organization.owner), baseUrl: `${app.url}/` });
    await client.settings.user.get();
    await client.organization.get(organization.id);
    expect(seen).toStrictEqual(['GET settings/user', `GET organization/${organization.id}`]);
  });
});
