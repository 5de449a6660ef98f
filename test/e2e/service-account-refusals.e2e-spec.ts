import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Role } from '../../src/auth/role.js';
import { Organization } from '../../src/organization/organization.entity.js';
import { SERVICE_SCOPES } from '../../src/auth/service-scope.js';
import { type RequestOptions, TestApp } from '../support/app.js';
import { aMember, anOrganization, aService, aUser, type TestOrganization } from '../support/factories.js';
import {
  BOUND_SCOPES,
  READ_REFUSED,
  ROUTES,
  SETTINGS_ROUTES,
  STRANGER,
  WITHOUT,
  serviceRequests,
} from './service-account.js';

let app: TestApp;
let organization: TestOrganization;
let other: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
  other = await anOrganization(app.dataSource);
  for (const { owner } of [organization, other]) {
    await app.request('PUT', '/settings/organization', { as: owner, body: { first: true } });
  }
});

const { admin, ask, read, service, settingsOf, write } = serviceRequests(() => ({ app, organization }));

describe('bad input', () => {
  it.each(SETTINGS_ROUTES)('%s %s needs the organization (with %s)', async (method, path, scope, message, options) => {
    const as = await service(scope);
    const unnamed: Record<string, string>[] = [{}, { 'x-organization-id': '' }, { 'x-organization-id': ' ' }];
    for (const headers of unnamed) {
      // Before and after the service account is remembered.
      for (let n = 0; n < 2; n++) {
        const answer = await app.request(method, path, {
          as,
          ...options,
          headers: { ...('headers' in options && options.headers), ...headers },
        });
        expect(answer.status).toBe(400);
        expect(answer.body).toStrictEqual({ success: false, message, error: 'X-Organization-Id is required' });
        expect((await ask(as, method, path, options)).status).toBe(200);
      }
    }
  });

  it.each(['acme', '*', '1', "' or true --", `${randomUUID()}x`, 'x'.repeat(5000), '{}', '\u00e9'])(
    'an organization cannot be %j',
    async (about) => {
      const as = await aService(app.dataSource, [...SERVICE_SCOPES]);
      for (let n = 0; n < 2; n++) {
        expect((await read(as, about)).body).toStrictEqual({
          success: false,
          message: 'User not associated with any organization',
        });
        expect((await write(as, { a: 1 }, about)).status).toBe(404);
        const profile = await app.request('GET', `/organization/${encodeURIComponent(about)}`, { as });
        expect(profile.status).toBe(404);
        expect(profile.body).toStrictEqual({ success: false, data: null, message: 'Organization not found' });
        expect((await read(as)).status).toBe(200);
      }
    },
  );

  it('two organizations are none', async () => {
    const as = await aService(app.dataSource, ['settings:read']);
    expect((await read(as, `${organization.id}, ${other.id}`)).status).toBe(404);
  });

  it('is told as to members, and changes nothing', async () => {
    const as = await service('settings:write', 'organization:write');
    expect((await write(as, [1])).body).toMatchObject({ error: 'the body must be an object' });
    expect((await write(as, '{')).body).toMatchObject({ error: 'Malformed JSON in request body' });
    const { body } = await ask(as, 'PUT', '/organization/:orgId', { body: { domain: 'example.com' } });
    expect(body).toStrictEqual({ success: false, data: null, message: 'No valid fields to update' });
    expect(await settingsOf(organization)).toStrictEqual({ success: true, settings: { first: true } });
  });
});

it('401: no token, no matter which organization is named', async () => {
  for (const [method, path, , , options] of ROUTES) {
    const headers = { 'x-organization-id': organization.id, ...('headers' in options && options.headers) };
    const answer = await app.request(method, path.replace(':orgId', organization.id), { ...options, headers });
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ success: false, message: 'Unauthorized' });
  }
});

describe('403', () => {
  it.each(ROUTES)('%s %s is for the scope %s alone', async (method, path, scope, _, options) => {
    const others = BOUND_SCOPES.filter((one) => one !== scope);
    const before = await settingsOf(organization);
    for (const as of [await service(...others), await aService(app.dataSource, others)]) {
      for (let n = 0; n < 2; n++) {
        const answer = await ask(as, method, path, options);
        expect(answer.status).toBe(403);
        expect(answer.body).toStrictEqual(
          path.startsWith('/organization')
            ? { success: false, data: null, message: WITHOUT[scope] }
            : { success: false, message: WITHOUT[scope] },
        );
      }
      // Before anything about the body, or the version.
      const wrong = {
        ...options,
        body: '{',
        headers: { ...('headers' in options && options.headers), 'if-match': '"9"' },
      };
      expect((await ask(as, method, path, method === 'GET' ? options : wrong)).status).toBe(403);
    }
    expect(await settingsOf(organization)).toStrictEqual(before);
  });

  it('shows nobody the settings in a dry run who may not read them', async () => {
    const writer = await service('settings:write');
    const both = await service('settings:read', 'settings:write');
    for (let n = 0; n < 2; n++) {
      expect((await write(writer, { a: n })).status).toBe(200);
      for (const body of [{ a: 5 }, '{']) {
        const refused = await ask(writer, 'PUT', '/settings/organization?dryRun=true', { body });
        expect(refused.status).toBe(403);
        expect(refused.body).toStrictEqual({ success: false, message: READ_REFUSED('settings:read') });
      }
      const shown = await ask(both, 'PUT', '/settings/organization?dryRun=true', { body: { a: 5 } });
      expect(shown.body).toMatchObject({ success: true, dryRun: true, settings: { first: true, a: 5 } });
    }
    await admin.setScopes(both, ['settings:write']);
    const refused = await ask(both, 'PUT', '/settings/organization?dryRun=true', { body: { a: 5 } });
    expect(refused.body).toStrictEqual({ success: false, message: READ_REFUSED('settings:read') });
  });
});

describe('another organization', () => {
  it.each(ROUTES)('%s %s is not for its service accounts (with %s)', async (method, path, scope, _, options) => {
    const [status, message] = STRANGER[scope];
    const as = await service(...BOUND_SCOPES);
    const before = await settingsOf(other);
    for (let n = 0; n < 2; n++) {
      const answer = await ask(as, method, path, options, other.id);
      expect(answer.status).toBe(status);
      expect(answer.body).toMatchObject({ success: false, message });
      expect((await ask(as, method, path, options)).status).toBe(200);
    }
    expect(await settingsOf(other)).toStrictEqual(before);
  });

  it.each(ROUTES)('%s %s is none when it is unknown or deleted (with %s)', async (method, path, scope, _, options) => {
    const gone = await anOrganization(app.dataSource);
    const bound = await aService(app.dataSource, [...BOUND_SCOPES], { organizationId: gone.id });
    const all = await aService(app.dataSource, [...SERVICE_SCOPES]);
    await write(all, { first: true }, gone.id);
    for (const as of [bound, all]) expect((await ask(as, method, path, options, gone.id)).status).toBe(200);
    await app.dataSource.getRepository(Organization).update({ id: gone.id }, { deletedAt: new Date() });
    const message = path.startsWith('/organization') ? 'Organization not found' : STRANGER[scope][1];
    for (const [as, about] of [
      [bound, gone.id],
      [all, gone.id],
      [all, randomUUID()],
      [bound, randomUUID()],
    ] as const) {
      for (let n = 0; n < 2; n++) {
        const answer = await ask(as, method, path, options, about);
        expect(answer.status).toBe(404);
        expect(answer.body).toMatchObject({ success: false, message });
      }
    }
    await app.dataSource.getRepository(Organization).update({ id: gone.id }, { deletedAt: null });
    for (const as of [bound, all]) expect((await ask(as, method, path, options, gone.id)).status).toBe(200);
  });

  it.each([
    ['GET', '/settings/user', {}],
    ['PUT', '/settings/user', { body: { a: 1 } }],
    ['POST', '/settings/user', { body: { settings: {} } }],
    ['GET', '/settings/user/versions', {}],
    ['POST', '/systemevent', { body: { skip: 0, take: 1 } }],
    ['POST', '/systemevent/read', { body: { id: 1 } }],
  ])('%s %s is for users alone', async (method, path, options: RequestOptions) => {
    const as = await service(...BOUND_SCOPES);
    for (let n = 0; n < 2; n++) {
      const answer = await ask(as, method, path, options);
      expect(answer.status).toBe(404);
      expect(answer.body).toStrictEqual({ success: false, message: 'User not found' });
      expect((await read(as)).status).toBe(200);
    }
  });
});

describe('a user', () => {
  it.each(ROUTES)('gains and loses nothing by the header: %s %s (%s)', async (method, path, _, __, options) => {
    const loner = await aUser(app.dataSource);
    const about = [organization.id, other.id, randomUUID(), 'acme', ''];
    for (const as of [organization.owner, organization.user, other.owner, loner, 'nobody-knows-me']) {
      const send = (headers: Record<string, string>) =>
        app.request(method, path.replace(':orgId', organization.id), {
          as,
          ...options,
          headers: { ...('headers' in options && options.headers), ...headers },
        });
      const { status, text } = await send({});
      for (const id of about) {
        const answer = await send({ 'x-organization-id': id });
        expect(answer.status).toBe(status);
        if (method === 'GET') expect(answer.text).toBe(text);
      }
    }
  });

  it('stays one where a service account has the same id', async () => {
    const id = await aMember(app.dataSource, organization.id, Role.USER);
    const loner = await aUser(app.dataSource);
    for (const as of [id, loner]) await aService(app.dataSource, [...SERVICE_SCOPES], { id: as });
    for (let n = 0; n < 2; n++) {
      expect((await read(id, other.id)).body).toStrictEqual(await settingsOf(organization));
      expect((await write(id, { a: 1 }, other.id)).status).toBe(403);
      expect((await ask(id, 'GET', '/organization/:orgId', {}, other.id)).status).toBe(403);
      expect((await read(loner)).status).toBe(404);
      expect((await ask(loner, 'GET', '/organization/:orgId')).status).toBe(403);
    }
  });

  it('costs no look for service accounts, refused or not', async () => {
    const looks = () => app.recording.calls.filter((call) => call === 'ServiceAccountRepository.findActive').length;
    const before = looks();
    const deleted = await aUser(app.dataSource, { deletedAt: new Date() });
    for (const as of [organization.owner, organization.user, other.user, await aUser(app.dataSource), deleted]) {
      for (const [method, path, , , options] of ROUTES) await ask(as, method, path, options);
    }
    expect(looks()).toBe(before);
    await read('nobody-knows-me');
    expect(looks()).toBe(before + 1);
  });
});
