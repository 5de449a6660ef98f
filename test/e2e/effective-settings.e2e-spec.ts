import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { aMember, anOrganization, aService, type TestOrganization } from '../support/factories.js';
import { MODE } from '../support/mode.js';
import { effectiveRequests, PATHS, PLACES } from './effective-requests.js';

describe.each(PLACES)('GET /settings/effective %s', (_, variables) => {
  const isShared = { ...MODE, ...variables }['DATABASE_SHARED_STATEMENTS'] !== 'false';
  let app: TestApp;
  let organization: TestOrganization;
  let operator: string;
  let service: string;

  beforeAll(async () => {
    app = await TestApp.start({ WATCH_POLL_MS: '200', ...variables });
    operator = await aService(app.dataSource, ['system:read', 'system:write', 'settings:read']);
    service = await aService(app.dataSource, ['settings:read', 'user-settings:read']);
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    organization = await anOrganization(app.dataSource);
    await write('system', {});
    await write('systemPolicy', {});
  });

  const { write, read, effective, reasons, writeAll } = effectiveRequests(() => ({ app, organization, operator }));

  it('merges large documents, too, one after the other', async () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`key ${at}`, { value: at }]));
    await write('organization', many);
    await write('user', { 'key 7': { value: 'mine' } });
    await write('organizationPolicy', { locks: { '/key 8': {} } });
    const expected = { ...many, 'key 7': { value: 'mine' } };
    const all = await Promise.all(Array.from({ length: 8 }, () => effective()));
    expect(all).toStrictEqual(all.map(() => expected));
    expect((await reasons())['/key 7/value']).toMatchObject({ from: 'user', overridden: ['organization'] });
    expect((await reasons())['/key 8/value']).toMatchObject({ from: 'organization', locked: { by: 'organization' } });
  });

  it('is empty where nobody set anything', async () => {
    const answer = await read();
    expect(answer.body).toStrictEqual({ success: true, settings: {} });
    expect(answer.headers['etag']).toMatch(/^"0\.0\.0\.\d+\.\d+-/);
    expect(answer.headers['vary']).toMatch(/Authorization, X-Organization-Id/i);
    expect(await reasons()).toStrictEqual({});
  });

  it('gives one document as it is, with every digit', async () => {
    const text = '{"settings": {"a": 12345678901234567890.10}}';
    await app.request('POST', PATHS.user, { as: organization.owner, body: text });
    expect((await read()).text).toBe('{"success":true,"settings":{"a": 12345678901234567890.10}}');
    await write('organization', { b: 1 });
    expect((await read()).text).toContain('"a": 12345678901234567890.10');
  });

  it('follows from all layers, locks and defaults', async () => {
    await writeAll();
    expect(await effective()).toStrictEqual({
      theme: 'dark',
      security: { requireMFA: true, timeout: 60 },
      support: { email: 'help@example.com' },
      density: 'wide',
    });
    expect(await effective('', { as: organization.user })).toMatchObject({ theme: 'light', density: 'wide' });
    expect(await effective('?scope=organization')).toStrictEqual({
      theme: 'light',
      security: { requireMFA: true, timeout: 60 },
      support: { email: 'help@example.com' },
    });
  });

  it('explains each leaf', async () => {
    await writeAll();
    const at = expect.stringMatching(/^\d{4}-.*Z$/) as string;
    const version = expect.any(Number) as number;
    const explained = await read('?explain=true');
    expect(explained.body).toStrictEqual({
      success: true,
      settings: await effective(),
      reasons: {
        '/theme': { from: 'user', version: 1, at, overridden: ['system'] },
        '/security/requireMFA': {
          from: 'organization',
          version: 1,
          at,
          locked: { by: 'organization', reason: 'SOC 2' },
          overridden: ['user'],
          values: { user: false },
        },
        '/security/timeout': { from: 'organization', version: 1, at },
        '/support/email': { from: 'system', version, at },
        '/density': { from: 'default', policy: 'system', version, at },
      },
    });
    expect(explained.headers['etag']).toBe((await read()).headers['etag']);
  });

  it('shows values of the system that do not apply only to who may read the system', async () => {
    await write('system', { a: 1 });
    await write('organization', { a: 2 });
    const headers = { 'x-organization-id': organization.id };
    const shown = { from: 'organization', overridden: ['system'], values: { system: 1 } };
    expect((await reasons('', { as: operator, headers }))['/a']).toMatchObject(shown);
    expect((await reasons('', { as: service, headers }))['/a']).not.toHaveProperty('values');
    expect((await reasons())['/a']).not.toHaveProperty('values');
  });

  it('has its history: documents, policies and reasons of then', async () => {
    await writeAll();
    await sleep(20);
    const then = new Date().toISOString();
    const [settings, explained] = [await effective(), await reasons()];
    await sleep(20);
    await write('organizationPolicy', {});
    await write('system', {});
    await write('organization', { security: 1 });
    await write('user', { theme: 'none' });
    expect(await effective()).not.toStrictEqual(settings);
    expect(await effective(`?at=${then}`)).toStrictEqual(settings);
    expect(await reasons(`&at=${then}`)).toStrictEqual(explained);
    expect(await effective('?at=2020-01-01T00:00:00Z')).toStrictEqual({});
    const headers = { 'x-organization-id': organization.id };
    const ofUser = { as: service, headers };
    expect(await effective(`?at=${then}&user=${organization.owner}`, ofUser)).toStrictEqual(settings);
  });

  describe('for a service account', () => {
    const headers = () => ({ 'x-organization-id': organization.id });

    it('is that of the organization, or of a member', async () => {
      await writeAll();
      expect(await effective('', { as: service, headers: headers() })).toStrictEqual(
        await effective('?scope=organization'),
      );
      const ofMember = `?user=${organization.owner}`;
      expect(await effective(ofMember, { as: service, headers: headers() })).toStrictEqual(await effective());
      const tag = (await read(ofMember, { as: service, headers: headers() })).headers['etag'] as string;
      expect(tag).toBe((await read()).headers['etag']);
      const known = { ...headers(), 'if-none-match': tag };
      expect((await read(ofMember, { as: service, headers: known })).status).toBe(304);
    });

    it('needs the scopes', async () => {
      const withoutUsers = await aService(app.dataSource, ['settings:read']);
      const withoutSettings = await aService(app.dataSource, ['user-settings:read']);
      const ofMember = `?user=${organization.owner}`;
      expect((await read('', { as: withoutUsers, headers: headers() })).status).toBe(200);
      const refused = await read(ofMember, { as: withoutUsers, headers: headers() });
      expect(refused.status).toBe(403);
      expect(refused.body).toMatchObject({
        message: 'Insufficient permissions: the scope user-settings:read is required',
      });
      expect((await read('', { as: withoutSettings, headers: headers() })).status).toBe(403);
      expect((await read('', { as: service })).body).toMatchObject({ error: 'X-Organization-Id is required' });
    });

    it('is of members of that organization alone', async () => {
      const other = await anOrganization(app.dataSource);
      for (const user of [other.owner, 'nobody']) {
        const answer = await read(`?user=${user}`, { as: service, headers: headers() });
        expect(answer.status).toBe(404);
        expect(answer.body).toStrictEqual({ success: false, message: 'User not found' });
      }
      const bound = await aService(app.dataSource, ['settings:read'], { organizationId: organization.id });
      const stranger = await read('', { as: bound, headers: { 'x-organization-id': other.id } });
      expect(stranger.status).toBe(404);
    });

    it('is refused at once when a scope is withdrawn', async () => {
      const withdrawn = await aService(app.dataSource, ['settings:read', 'user-settings:read']);
      const ask = () => read(`?user=${organization.owner}`, { as: withdrawn, headers: headers() });
      expect((await ask()).status).toBe(200);
      await app.dataSource.query(`update service_accounts set scopes = '{settings:read}' where id = $1`, [withdrawn]);
      expect((await ask()).status).toBe(403);
    });
  });

  it.each([
    ['?scope=user', 'scope must be organization'],
    ['?user=x', 'user is for service accounts; your own settings need no parameter'],
    ['?user=x&scope=organization', 'user cannot be given with scope'],
    ['?explain=yes', 'explain must be true or false'],
    ['?explian=true', 'unknown parameter explian (did you mean explain?)'],
    ['?wait=1&at=2026-01-01T00:00:00Z', 'wait cannot be given with at'],
  ])('refuses %s', async (query, error) => {
    const { status, body } = await read(query);
    expect(status).toBe(400);
    expect(body).toStrictEqual({ success: false, message: 'Failed to get effective settings', error });
  });

  it('follows who moves to another organization, and refuses who has none', async () => {
    await write('organization', { of: 'one' });
    const mover = await aMember(app.dataSource, organization.id, 0);
    expect(await effective('', { as: mover })).toStrictEqual({ of: 'one' });
    const other = await anOrganization(app.dataSource);
    await app.dataSource.query(`delete from members where user_id = $1`, [mover]);
    expect((await read('', { as: mover })).status).toBe(404);
    await app.dataSource.query(`update users set organization_id = $2 where id = $1`, [mover, other.id]);
    await app.dataSource.query(`insert into members (organization_id, user_id, role) values ($2, $1, 0)`, [
      mover,
      other.id,
    ]);
    expect(await effective('', { as: mover })).toStrictEqual({});
  });

  it('is one statement on one server, and at most three elsewhere', async () => {
    await writeAll();
    await read();
    const before = app.recording.statements.length;
    await read();
    const issued = app.recording.statements.slice(before);
    expect(issued).toHaveLength(isShared ? 1 : 2);
  });

  it('leaves large documents to heavy work, unless the caller has them', async () => {
    // What repeats would be compressed.
    const text = Array.from({ length: 3_000 }, (_, n) => createHash('sha256').update(String(n)).digest('base64'));
    await write('organization', { text });
    const tag = (await read()).headers['etag'] as string;
    const before = app.recording.statements.length;
    await read();
    const issued = app.recording.statements.slice(before);
    expect(issued.filter(({ text: sql }) => sql.includes('organization_settings'))).toHaveLength(2);
    expect((await read('', { headers: { 'if-none-match': tag } })).status).toBe(304);
    expect(app.recording.statements.length - before - issued.length).toBe(isShared ? 1 : 3);
  });
});
