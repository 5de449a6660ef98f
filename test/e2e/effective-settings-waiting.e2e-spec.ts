import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { aMember, anOrganization, aService, type TestOrganization } from '../support/factories.js';
import { effectiveRequests, PATHS, PLACES } from './effective-requests.js';

describe.each(PLACES)('GET /settings/effective %s', (_, variables) => {
  let app: TestApp;
  let organization: TestOrganization;
  let operator: string;

  beforeAll(async () => {
    app = await TestApp.start({ WATCH_POLL_MS: '200', ...variables });
    operator = await aService(app.dataSource, ['system:read', 'system:write', 'settings:read']);
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    organization = await anOrganization(app.dataSource);
    await write('system', {});
    await write('systemPolicy', {});
  });

  const { write, read, writeAll } = effectiveRequests(() => ({ app, organization, operator }));

  it('has an entity tag of all documents that take part', async () => {
    await writeAll();
    let tag = (await read()).headers['etag'] as string;
    for (const document of Object.keys(PATHS) as (keyof typeof PATHS)[]) {
      expect((await read('', { headers: { 'if-none-match': tag } })).status, document).toBe(304);
      await write(document, document.endsWith('Policy') ? { enforcement: 'warn' } : { changed: document });
      const changed = await read('', { headers: { 'if-none-match': tag } });
      expect(changed.status, document).toBe(200);
      expect(changed.headers['etag']).not.toBe(tag);
      tag = changed.headers['etag'] as string;
    }
    expect((await read('?scope=organization', { headers: { 'if-none-match': tag } })).status).toBe(200);
    expect((await read('', { as: organization.user, headers: { 'if-none-match': tag } })).status).toBe(200);
    expect((await read('', { headers: { 'if-match': tag } })).status).toBe(200);
    expect((await read('', { headers: { 'if-match': '"1.1.1.1.1"' } })).status).toBe(412);
    expect((await read('', { headers: { 'if-none-match': '*' } })).status).toBe(304);
    // A tag of another document, or of none, is no version of this one.
    expect(
      (await app.request('GET', PATHS.user, { as: organization.owner, headers: { 'if-none-match': tag } })).status,
    ).toBe(200);
  });

  it.each(['system', 'systemPolicy', 'organization', 'organizationPolicy', 'user'] as const)(
    'waits for a change of the document %s',
    async (document) => {
      const tag = (await read()).headers['etag'] as string;
      const waiting = read('?wait=20', { headers: { 'if-none-match': tag } });
      await sleep(300);
      const content = document.endsWith('Policy') ? { enforcement: 'warn' } : { a: document };
      await write(document, content);
      const { status, body } = await waiting;
      expect(status).toBe(200);
      expect(body).toStrictEqual({ success: true, settings: document.endsWith('Policy') ? {} : content });
    },
  );

  it('answers 304 when the time is up', async () => {
    const tag = (await read()).headers['etag'] as string;
    const { status, headers } = await read('', { headers: { 'if-none-match': tag, prefer: 'wait=1' } });
    expect(status).toBe(304);
    expect(headers['preference-applied']).toBe('wait=1');
  });

  it.runIf(variables.DATABASE_SHARED_STATEMENTS === undefined)(
    'hears while it waits that the user is in another organization now',
    async () => {
      const mover = await aMember(app.dataSource, organization.id, 0);
      const other = await anOrganization(app.dataSource);
      await app.request('PUT', PATHS.organization, { as: other.owner, body: { of: 'another' } });
      const tag = (await read('', { as: mover })).headers['etag'] as string;
      const waiting = read('?wait=55', { as: mover, headers: { 'if-none-match': tag } });
      await sleep(300);
      await app.admin('move-user', '--user', mover, '--organization', other.id, '--role', 'USER');
      const { status, body } = await waiting;
      expect(status).toBe(200);
      expect(body).toStrictEqual({ success: true, settings: { of: 'another' } });
    },
    90_000,
  );
});
