import { applyPatch, type Operation } from 'rfc6902';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { SCOPES } from '../support/scopes.js';
import { settingsRequests, TYPES } from './settings-requests.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
});

describe.each(SCOPES)('versions of $scope settings', (kind) => {
  const { title } = kind;
  const { send, settings, versions } = settingsRequests(kind, () => ({ app, organization }));

  describe('tried in a dry run', () => {
    const tried = [
      ['POST', { settings: { a: 2 } }, 'updated', { a: 2 }],
      ['PUT', { a: 2 }, 'partially updated', { a: 2, b: 1 }],
      ['DELETE', { keys: ['a'] }, 'keys deleted', { b: 1 }],
      ['PATCH', { a: 2 }, 'patched', { a: 2, b: 1 }],
    ] as const;

    it.each(tried)('by %s show what would be and change nothing', async (method, body, done, expected) => {
      const before = { a: 1, b: 1 };
      await send('POST', '', { body: { settings: before } });
      const headers: Record<string, string> = method === 'PATCH' ? { 'content-type': TYPES['merge']! } : {};
      const answer = await send(method, '?dryRun=true', { body, headers });
      expect(answer.status).toBe(200);
      const { patch, ...rest } = answer.body as { patch: Operation[] };
      expect(rest).toStrictEqual({
        success: true,
        message: `${title} ${done} successfully`,
        dryRun: true,
        settings: expected,
      });
      const copy = structuredClone(before);
      expect(applyPatch(copy, patch)).toStrictEqual(patch.map(() => null));
      expect(copy).toStrictEqual(expected);
      expect(answer.headers['etag']).toMatch(/^"1-/);
      expect(await settings()).toStrictEqual(before);
      expect((await versions()).versions).toHaveLength(1);
      const real = await send(method, '?dryRun=false', { body, headers });
      expect(real.body).toStrictEqual({ success: true, message: `${title} ${done} successfully` });
      expect(await settings()).toStrictEqual(expected);
    });

    it('work on what was never written, with every digit, and say when nothing would change', async () => {
      const answer = await send('PUT', '?dryRun=true', { body: '{"big":12345678901234567890}' });
      expect(answer.text).toContain('"settings":{"big": 12345678901234567890}');
      expect(answer.headers['etag']).toMatch(/^"0-/);
      expect((await send('PUT', '?dryRun=true', { body: {} })).body).toMatchObject({ settings: {}, patch: [] });
      expect(await settings()).toStrictEqual({});
      expect((await versions()).versions).toStrictEqual([]);
    });

    it('check everything', async () => {
      const dry = (method: string, body: unknown, headers = {}) => send(method, '?dryRun=true', { body, headers });
      expect((await dry('PUT', [])).status).toBe(400);
      expect((await dry('PUT', { a: 1 }, { 'if-match': '"5"' })).status).toBe(412);
      expect((await dry('PUT', { a: 'x'.repeat(600_000) })).status).toBe(413);
      expect((await dry('PUT', { a: 1 }, { 'change-reason': 'x'.repeat(501) })).status).toBe(400);
      const unknown = await send('PUT', '?dryRun=1', { body: { a: 1 } });
      expect(unknown.status).toBe(400);
      expect(unknown.body).toMatchObject({ error: 'dryRun must be true or false' });
      expect((await send('PUT', '?dryRun=true&dryRun=true', { body: {} })).status).toBe(400);
      expect(await settings()).toStrictEqual({});
    });
  });
});
