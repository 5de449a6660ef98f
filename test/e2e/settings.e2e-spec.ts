import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { aMember, anOrganization, type TestOrganization } from '../support/factories.js';
import { SCOPES } from '../support/scopes.js';
import { Role } from '../../src/auth/role.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
});

describe.each(SCOPES)('$scope settings', ({ path, noun, title, table, key, writer, ownerId }) => {
  const send = (method: string, body?: unknown) => app.request(method, path, { as: writer(organization), body });
  const settings = async () => (await send('GET')).body;
  const version = async () => {
    const rows = await app.dataSource.query<{ version: string }[]>(`select version from ${table} where ${key} = $1`, [
      ownerId(organization),
    ]);
    return Number(rows[0]?.version ?? 0);
  };

  describe('happy path', () => {
    it('is empty before the first write', async () => {
      const answer = await send('GET');
      expect(answer.status).toBe(200);
      expect(answer.body).toStrictEqual({ success: true, settings: {} });
    });

    it('replaces the whole document', async () => {
      await send('POST', { settings: { a: 1, b: { c: 2 } } });
      const answer = await send('POST', { settings: { d: [1, null, 'x'] } });
      expect(answer.status).toBe(200);
      expect(answer.body).toStrictEqual({ success: true, message: `${title} updated successfully` });
      expect(await settings()).toStrictEqual({ success: true, settings: { d: [1, null, 'x'] } });
    });

    it('updates a part and keeps the rest', async () => {
      await send('POST', { settings: { maxFileSize: '10GB', security: { requireMFA: true, sessionTimeout: 3600 } } });
      const answer = await send('PUT', { maxFileSize: '20GB', security: { requireMFA: false } });
      expect(answer.status).toBe(200);
      expect(answer.body).toStrictEqual({ success: true, message: `${title} partially updated successfully` });
      expect(await settings()).toStrictEqual({
        success: true,
        settings: { maxFileSize: '20GB', security: { requireMFA: false, sessionTimeout: 3600 } },
      });
    });

    it('deletes keys and keeps the rest', async () => {
      await send('POST', {
        settings: { retentionPolicy: { days: 1 }, security: { requireMFA: true, sessionTimeout: 1 } },
      });
      const answer = await send('DELETE', { keys: ['retentionPolicy', 'security.requireMFA'] });
      expect(answer.status).toBe(200);
      expect(answer.body).toStrictEqual({ success: true, message: `${title} keys deleted successfully` });
      expect(await settings()).toStrictEqual({ success: true, settings: { security: { sessionTimeout: 1 } } });
    });

    it('takes an empty partial update as one that changes nothing', async () => {
      await send('POST', { settings: { a: 1 } });
      expect((await send('PUT', {})).status).toBe(200);
      expect(await settings()).toStrictEqual({ success: true, settings: { a: 1 } });
    });

    it('counts one version for each real change and none for what changes nothing', async () => {
      expect(await version()).toBe(0);
      await send('PUT', {});
      expect(await version()).toBe(0);
      await send('PUT', { a: { b: 1.0 } });
      expect(await version()).toBe(1);
      await send('PUT', { a: { b: 1 } });
      await send('POST', { settings: { a: { b: 1 } } });
      await send('DELETE', { keys: ['nothing', 'a.nothing', 'a.b.nothing'] });
      expect(await version()).toBe(1);
      await send('DELETE', { keys: ['a.b'] });
      expect(await version()).toBe(2);
    });

    it('answers JSON whatever Accept says', async () => {
      const answer = await app.request('GET', path, { as: writer(organization), headers: { accept: 'text/html' } });
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    });
  });

  describe('bad input', () => {
    it.each([
      ['no body', undefined, 'the body must be an object with the member settings'],
      ['an array', [], 'the body must be an object with the member settings'],
      ['a scalar', '5', 'the body must be an object with the member settings'],
      ['null', 'null', 'the body must be an object with the member settings'],
      ['no settings', { theme: 'dark' }, 'settings is required'],
      ['settings: null', { settings: null }, 'settings must be an object'],
      ['settings: an array', { settings: [] }, 'settings must be an object'],
      ['settings: a string', { settings: '{}' }, 'settings must be an object'],
      ['malformed JSON', '{"settings":{}', 'Malformed JSON in request body'],
      ['doubled JSON', '{"settings":{}}{"settings":{}}', 'Malformed JSON in request body'],
      ['an empty object', {}, 'settings is required'],
    ])('refuses to replace with %s', async (_, body, error) => {
      await send('POST', { settings: { kept: true } });
      const answer = await send('POST', body);
      expect(answer.status).toBe(400);
      expect(answer.body).toStrictEqual({ success: false, message: `Failed to update ${noun}`, error });
      expect(await settings()).toStrictEqual({ success: true, settings: { kept: true } });
    });

    it.each([
      ['no body', undefined, 'the body must be an object'],
      ['an array', [{ a: 1 }], 'the body must be an object'],
      ['a string', '"x"', 'the body must be an object'],
      ['null', 'null', 'the body must be an object'],
      ['truncated JSON', '{"a":', 'Malformed JSON in request body'],
      ['text', 'hello', 'Malformed JSON in request body'],
      ['invalid UTF-8', Buffer.from('{"a":"\xff"}', 'latin1'), 'Malformed JSON in request body'],
    ])('refuses to update partially with %s', async (_, body, error) => {
      await send('POST', { settings: { kept: true } });
      const answer = await send('PUT', body);
      expect(answer.status).toBe(400);
      expect(answer.body).toStrictEqual({ success: false, message: `Failed to partially update ${noun}`, error });
      expect(await settings()).toStrictEqual({ success: true, settings: { kept: true } });
    });

    it.each([
      ['no body', undefined, 'keys is required'],
      ['an array', ['a'], 'keys is required'],
      ['null', 'null', 'keys is required'],
      ['no keys', {}, 'keys is required'],
      ['a string as keys', { keys: 'a' }, 'keys must be an array'],
      ['null as keys', { keys: null }, 'keys must be an array'],
      ['an object as keys', { keys: { 0: 'a' } }, 'keys must be an array'],
      ['no elements', { keys: [] }, 'keys must not be empty'],
    ])('asks for keys when it gets %s', async (_, body, error) => {
      const answer = await send('DELETE', body);
      expect(answer.status).toBe(400);
      expect(answer.body).toStrictEqual({
        success: false,
        message: 'Keys array is required and must not be empty',
        error,
      });
    });

    it.each([
      ['a number', { keys: ['a', 1] }, 'keys[1] must be a string'],
      ['null', { keys: [null] }, 'keys[0] must be a string'],
      ['an empty string', { keys: ['a', ''] }, 'keys[1] must not be empty'],
      ['U+0000', { keys: ['\0'] }, 'keys[0] must not contain U+0000'],
      ['a lone surrogate', '{"keys":["\\ud800"]}', 'keys[0] must not contain a lone surrogate'],
      ['257 elements', { keys: Array.from({ length: 257 }, (_, i) => `k${i}`) }, 'keys must have at most 256 elements'],
      ['malformed JSON', '{"keys":["a"', 'Malformed JSON in request body'],
    ])('refuses to delete %s', async (_, body, error) => {
      await send('POST', { settings: { a: 1, k0: 1 } });
      const answer = await send('DELETE', body);
      expect(answer.status).toBe(400);
      expect(answer.body).toStrictEqual({ success: false, message: `Failed to delete ${noun} keys`, error });
      expect(await settings()).toStrictEqual({ success: true, settings: { a: 1, k0: 1 } });
    });

    it.each(['POST', 'PUT', 'DELETE'])('%s takes JSON in UTF-8 and nothing else', async (method) => {
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1', '']) {
        const headers = { 'content-type': type };
        const answer = await app.request(method, path, { as: writer(organization), body: '{"a":1}', headers });
        expect(answer.status, type).toBe(415);
        expect(answer.body).toMatchObject({ success: false, message: 'Unsupported media type' });
      }
      const gzip = { 'content-encoding': 'gzip' };
      expect((await app.request(method, path, { as: writer(organization), body: '{}', headers: gzip })).status).toBe(
        415,
      );
      const headers = { 'content-type': 'application/json; charset="UTF-8"' };
      const answer = await app.request(method, path, { as: writer(organization), body: '{}', headers });
      expect(answer.status).toBe(method === 'PUT' ? 200 : 400);
    });
  });
});

describe('organization settings and who may do what', () => {
  const put = (as: string, body: unknown = { a: 1 }) => app.request('PUT', '/settings/organization', { as, body });

  it('shows every member the same document', async () => {
    await put(organization.administrator, { shared: true });
    for (const role of ['user', 'billing', 'workspaces', 'administrator', 'owner'] as const) {
      const answer = await app.request('GET', '/settings/organization', { as: organization[role] });
      expect(answer.body, role).toStrictEqual({ success: true, settings: { shared: true } });
    }
  });

  it('keeps the documents of two organizations apart', async () => {
    const other = await anOrganization(app.dataSource);
    await put(organization.owner, { mine: 1 });
    await put(other.owner, { theirs: 2 });
    const get = async (as: string) => (await app.request('GET', '/settings/organization', { as })).body;
    expect(await get(organization.user)).toStrictEqual({ success: true, settings: { mine: 1 } });
    expect(await get(other.user)).toStrictEqual({ success: true, settings: { theirs: 2 } });
  });

  it('lets a granted role write at once, and a withdrawn one no more', async () => {
    const { user, id } = organization;
    expect((await put(user)).status).toBe(403);
    const setRole = (role: Role) =>
      app.dataSource.query('update members set role = $1 where organization_id = $2 and user_id = $3', [
        role,
        id,
        user,
      ]);
    await setRole(Role.ADMINISTRATOR);
    expect((await put(user)).status).toBe(200);
    await setRole(Role.BILLING);
    expect((await put(user, { sneaky: true })).status).toBe(403);
    await setRole(Role.OWNER);
    expect((await put(user)).status).toBe(200);
    await setRole(Role.USER);
    const answer = await put(user, 'not even JSON');
    expect(answer.status).toBe(403);
  });

  it('follows a user who moved to another organization', async () => {
    const other = await anOrganization(app.dataSource);
    await put(organization.owner, { at: 'the first' });
    await app.request('GET', '/settings/organization', { as: organization.user });
    await put(other.owner, { at: 'the second' });
    await app.dataSource.query('delete from members where user_id = $1', [organization.user]);
    await app.dataSource.query('update users set organization_id = $1 where id = $2', [other.id, organization.user]);
    await app.dataSource.query('insert into members values ($1, $2, $3)', [other.id, organization.user, Role.OWNER]);
    const answer = await app.request('GET', '/settings/organization', { as: organization.user });
    expect(answer.body).toStrictEqual({ success: true, settings: { at: 'the second' } });
    expect((await put(organization.user)).status).toBe(200);
  });

  it('has no organization for who lost theirs, remembered or not', async () => {
    const member = await aMember(app.dataSource, organization.id, Role.OWNER);
    expect((await put(member)).status).toBe(200);
    await app.dataSource.query('delete from members where user_id = $1', [member]);
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      const answer = await app.request(method, '/settings/organization', { as: member });
      expect(answer.status, method).toBe(404);
      expect(answer.body).toStrictEqual({ success: false, message: 'User not associated with any organization' });
    }
  });

  it('has no organization for the members of a soft-deleted one', async () => {
    expect((await put(organization.owner)).status).toBe(200);
    await app.dataSource.query('update organizations set deleted_at = now() where id = $1', [organization.id]);
    for (const as of [organization.owner, organization.user]) {
      const answer = await app.request('PUT', '/settings/organization', { as, body: { a: 2 } });
      expect(answer.status).toBe(404);
      expect(answer.body).toStrictEqual({ success: false, message: 'User not associated with any organization' });
    }
  });
});

describe('user settings and who may do what', () => {
  it('keeps the documents of two members of one organization apart', async () => {
    await app.request('PUT', '/settings/user', { as: organization.user, body: { mine: 1 } });
    const answer = await app.request('GET', '/settings/user', { as: organization.owner });
    expect(answer.body).toStrictEqual({ success: true, settings: {} });
  });

  it.each(['GET', 'POST', 'PUT', 'DELETE'])(
    '%s finds nobody without a row, before it looks at the body',
    async (method) => {
      for (const body of [undefined, { settings: {}, keys: ['a'] }, 'not JSON']) {
        const answer = await app.request(method, '/settings/user', { as: 'nobody-knows-me', body });
        expect(answer.status).toBe(404);
        expect(answer.body).toStrictEqual({ success: false, message: 'User not found' });
      }
    },
  );

  it('finds nobody once the user is soft-deleted', async () => {
    await app.request('PUT', '/settings/user', { as: organization.user, body: { a: 1 } });
    await app.dataSource.query('update users set deleted_at = now() where id = $1', [organization.user]);
    const answer = await app.request('PUT', '/settings/user', { as: organization.user, body: { a: 2 } });
    expect(answer.status).toBe(404);
    expect(answer.body).toStrictEqual({ success: false, message: 'User not found' });
  });
});
