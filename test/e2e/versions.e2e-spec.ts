import fc from 'fast-check';
import { applyPatch, type Operation } from 'rfc6902';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RequestOptions, TestApp } from '../support/app.js';
import { anOrganization, aUser, type TestOrganization } from '../support/factories.js';
import { SCOPES } from '../support/scopes.js';

interface Version {
  version: number;
  at: string;
  operation: string;
  actor: { id: string; email: string };
  paths: string[];
  requestId: string;
  reason: string | null;
}
type Settings = Record<string, unknown>;

/** Versions that the tests of retention keep, so that few changes are too many. */
const KEPT = 10;

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  const retention = { HISTORY_KEEP_VERSIONS: String(KEPT), HISTORY_KEEP_DAYS: '30' };
  app = await TestApp.start(retention, undefined, { preload: ['background-work.js'] });
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
});

const TYPES: Record<string, string> = { merge: 'application/merge-patch+json', json: 'application/json-patch+json' };

describe.each(SCOPES)(
  'versions of $scope settings',
  ({ scope, path, noun, title, table: settingsTable, key, writer, ownerId }) => {
    const table = `${scope}_changes`;
    const send = (method: string, at = '', options: RequestOptions = {}) =>
      app.request(method, `${path}${at}`, { as: writer(organization), ...options });
    const patch = (type: 'merge' | 'json', body: unknown, headers = {}) =>
      send('PATCH', '', { body, headers: { 'content-type': TYPES[type]!, ...headers } });
    const settings = async () => ((await send('GET')).body as { settings: Settings }).settings;
    const versions = async (query = '') =>
      (await send('GET', `/versions${query}`)).body as { success: true; versions: Version[]; next: number | null };
    const version = async (n: number) => {
      const answer = await send('GET', `/versions/${n}`);
      expect(answer.status).toBe(200);
      return answer.body as { success: true; version: number; at: string; settings: Settings };
    };
    const fill = async (count: number) => {
      for (let n = 1; n <= count; n++) await send('PUT', '', { body: { n } });
    };

    it('are none before the first write', async () => {
      expect(await versions()).toStrictEqual({ success: true, versions: [], next: null });
      const answer = await send('GET', '/versions/1');
      expect(answer.status).toBe(404);
      expect(answer.body).toStrictEqual({ success: false, message: 'Version not found' });
    });

    it('say who did what, when, why and by which request', async () => {
      const before = Date.now();
      await send('POST', '', { body: { settings: { a: 1, b: { c: 2 } } }, headers: { 'x-request-id': 'the-first' } });
      await send('PUT', '', { body: { a: 1, b: { d: 3 } }, headers: { 'change-reason': ' Because ' } });
      const utf8 = Buffer.from('Größer – 更大').toString('latin1');
      await send('DELETE', '', { body: { keys: ['b.c', 'nothing'] }, headers: { 'change-reason': utf8 } });
      await patch('merge', { a: null });
      await patch('json', [{ op: 'add', path: '/e~1f', value: [] }]);
      await send('POST', '/versions/1/restore');
      const { versions: found } = await versions();
      expect(
        found.map(({ version, operation, paths, reason }) => ({ version, operation, paths, reason })),
      ).toStrictEqual([
        { version: 6, operation: 'restore', paths: ['/a', '/b/c', '/b/d', '/e~1f'], reason: null },
        { version: 5, operation: 'json-patch', paths: ['/e~1f'], reason: null },
        { version: 4, operation: 'merge-patch', paths: ['/a'], reason: null },
        { version: 3, operation: 'delete-keys', paths: ['/b/c'], reason: 'Größer – 更大' },
        { version: 2, operation: 'merge', paths: ['/b/d'], reason: 'Because' },
        { version: 1, operation: 'replace', paths: ['/a', '/b'], reason: null },
      ]);
      const [{ email }] = await app.dataSource.query<[{ email: string }]>('select email from users where id = $1', [
        writer(organization),
      ]);
      for (const { actor, at } of found) {
        expect(actor).toStrictEqual({ id: writer(organization), email });
        expect(Date.parse(at)).toBeGreaterThanOrEqual(before - 1);
        expect(Date.parse(at)).toBeLessThanOrEqual(Date.now() + 1);
      }
      expect(found.at(-1)!.requestId).toBe('the-first');
      expect(found[0]!.requestId).toMatch(/^[0-9a-f-]{36}$/);
    });

    it('are made by what changes something, and by nothing else', async () => {
      await send('PUT', '', { body: { a: 1 } });
      await send('PUT', '', { body: { a: 1.0 } });
      await send('POST', '', { body: { settings: { a: 1 } } });
      await send('DELETE', '', { body: { keys: ['b'] } });
      await patch('merge', { c: null });
      await patch('json', [{ op: 'test', path: '/a', value: 1 }]);
      await patch('json', [{ op: 'test', path: '/a', value: 2 }]);
      await send('PUT', '', { body: { a: 2 }, headers: { 'if-match': '"9"' } });
      await send('POST', '/versions/1/restore');
      expect((await versions()).versions.map(({ version }) => version)).toStrictEqual([1]);
    });

    it('come in pages, newest first', async () => {
      await fill(7);
      const pages: number[][] = [];
      let query = '?limit=3';
      for (let next: number | null = 0; next !== null; query = `?limit=3&before=${next}`) {
        const page = await versions(query);
        pages.push(page.versions.map(({ version }) => version));
        next = page.next;
      }
      expect(pages).toStrictEqual([[7, 6, 5], [4, 3, 2], [1]]);
      expect((await versions('?limit=7')).next).toBeNull();
      expect((await versions('?before=1')).versions).toStrictEqual([]);
    });

    it.each([
      ['versions?limit=0', 'limit must not be less than 1'],
      ['versions?limit=101', 'limit must not be greater than 100'],
      ['versions?limit=x', 'limit must be a whole number'],
      ['versions?limit=1&limit=2', 'limit must be given only once'],
      ['versions?before=-1', 'before must be the number of a version'],
      ['versions?before=1.5', 'before must be the number of a version'],
      ['versions/1/diff?from=x', 'from must be the number of a version'],
      ['versions/1/diff?from=01', 'from must be the number of a version'],
    ])('refuse %s', async (at, error) => {
      const answer = await send('GET', `/${at}`);
      expect(answer.status).toBe(400);
      expect(answer.body).toStrictEqual({ success: false, message: `Failed to get ${noun} versions`, error });
    });

    it('show the whole document of each, digit for digit', async () => {
      await send('POST', '', { body: '{"settings":{"big":12345678901234567890,"list":[1,{"x":0.10}]}}' });
      await send('PUT', '', { body: '{"big":12345678901234567891}' });
      await patch('json', '[{"op":"replace","path":"/list/1/x","value":2}]');
      const answer = await send('GET', '/versions/1');
      expect(answer.text).toContain('"settings":{"big": 12345678901234567890, "list": [1, {"x": 0.10}]}');
      expect((await send('GET', '/versions/2')).text).toContain('"big": 12345678901234567891');
      expect(await version(3)).toMatchObject({ success: true, version: 3, settings: { list: [1, { x: 2 }] } });
      expect((await version(3)).at).toBe((await versions()).versions[0]!.at);
      const diff = await send('GET', '/versions/2/diff');
      expect(diff.text).toBe(
        '{"success":true,"from":1,"to":2,"patch":[{"op": "replace", "path": "/big", "value": 12345678901234567891}]}',
      );
    });

    it.each(['0', '3', '-1', '01', '1.0', 'x', '9'.repeat(18), '9'.repeat(40), '%zz'])(
      'has no version %s',
      async (n) => {
        await fill(2);
        for (const [method, at] of [
          ['GET', ''],
          ['POST', '/restore'],
        ] as const) {
          const answer = await send(method, `/versions/${n}${at}`);
          expect(answer.status).toBe(404);
          expect(answer.body).toStrictEqual({ success: false, message: 'Version not found' });
        }
        if (n !== '0') expect((await send('GET', `/versions/${n}/diff`)).status).toBe(404);
        expect((await send('GET', `/versions/1/diff?from=${'9'.repeat(18)}`)).status).toBe(404);
      },
    );

    it('are compared in either direction, also with nothing', async () => {
      await send('POST', '', { body: { settings: { a: 1, b: { c: [1, 2, 3, 4] } } } });
      await send('PUT', '', { body: { b: { c: [1, 2, 4] }, d: null } });
      const diff = async (query: string) => (await send('GET', `/versions/${query}`)).body;
      expect(await diff('2/diff?from=1')).toStrictEqual({
        success: true,
        from: 1,
        to: 2,
        patch: [
          { op: 'remove', path: '/b/c/2' },
          { op: 'add', path: '/d', value: null },
        ],
      });
      expect(await diff('1/diff?from=2')).toMatchObject({
        patch: [
          { op: 'add', path: '/b/c/2', value: 3 },
          { op: 'remove', path: '/d' },
        ],
      });
      expect(await diff('1/diff')).toMatchObject({ from: 0, to: 1, patch: [{ path: '/a' }, { path: '/b' }] });
      expect(await diff('2/diff?from=2')).toMatchObject({ patch: [] });
    });

    it('replay each change once for a difference, in either direction', async () => {
      await fill(9);
      const owner = ownerId(organization);
      const difference = {
        user: 'select d.status from user_version_diff($1, 7, $2, $3) d where $4::text is not null',
        organization: "select d.status from organization_version_diff($1, 'member', $4, 8, 'settings:read', $2, $3) d",
      }[scope];
      for (const [from, to] of [
        [4, 8],
        [8, 4],
        [0, 9],
      ] as const) {
        const counted = await app.dataSource.transaction(async (manager) => {
          await manager.query("set local track_functions = 'all'");
          const calls = async () => {
            const [row] = await manager.query<{ calls: string }[]>(
              "select calls from pg_stat_xact_user_functions where funcname = 'settings_patch'",
            );
            return Number(row?.calls ?? 0);
          };
          // What an earlier transaction of the session counted may be there.
          const before = await calls();
          const values = [owner, from, to, writer(organization)];
          const [{ status }] = await manager.query<[{ status: string }]>(difference, values);
          return { status, calls: (await calls()) - before };
        });
        expect(counted).toStrictEqual({ status: 'found', calls: Math.max(from, to) });
      }
    });

    describe('as of a time', () => {
      const asOf = async (at: string) => send('GET', `?at=${encodeURIComponent(at)}`);

      it('are the last that was made by then', async () => {
        for (const n of [1, 2, 3]) {
          await send('PUT', '', { body: { n } });
          await new Promise((wake) => setTimeout(wake, 5));
        }
        const times = (await versions()).versions.toReversed().map(({ at }) => at);
        for (const [place, at] of times.entries()) {
          const answer = await asOf(at);
          expect(answer.body).toStrictEqual({ success: true, settings: { n: place + 1 } });
          expect(answer.headers['etag']).toMatch(new RegExp(`^"${place + 1}-`));
        }
        const first = Date.parse(times[0]!);
        expect((await asOf(new Date(first - 1).toISOString())).body).toStrictEqual({ success: true, settings: {} });
        expect((await asOf('1970-01-01T00:00:00Z')).body).toStrictEqual({ success: true, settings: {} });
        expect((await asOf('9999-12-30T23:59:59+14:00')).body).toStrictEqual({ success: true, settings: { n: 3 } });
      });

      it('are a 304 for who has them', async () => {
        await fill(2);
        const { at } = (await versions()).versions[1]!;
        const query = `?at=${encodeURIComponent(at)}`;
        expect((await send('GET', query, { headers: { 'if-none-match': '"1"' } })).status).toBe(304);
        expect((await send('GET', query, { headers: { 'if-none-match': '"2"' } })).status).toBe(200);
        expect((await send('GET', query, { headers: { 'if-match': '"2"' } })).status).toBe(412);
      });

      it('are empty where nobody ever wrote', async () => {
        expect((await asOf('2026-11-21T12:00:00.123456+01:00')).body).toStrictEqual({ success: true, settings: {} });
      });

      it('are the last of several in the same millisecond', async () => {
        await fill(8);
        const at = '2026-01-01T00:00:00.005Z';
        const [first] = await app.dataSource.query<{ id: string }[]>('select change_id_from($1) as id', [at]);
        for (let n = 1; n <= 8; n++) {
          const id = String(BigInt(first!.id) + BigInt((n * 1237) % 4096));
          const values = [at, id, ownerId(organization), n];
          await app.dataSource.query(`update ${table} set at = $1, id = $2 where ${key} = $3 and version = $4`, values);
        }
        expect((await asOf('2026-01-01T00:00:00.005Z')).body).toStrictEqual({ success: true, settings: { n: 8 } });
        expect((await asOf('2026-01-01T00:00:00.004Z')).body).toStrictEqual({ success: true, settings: {} });
      });

      it.each([
        '1970-01-01T00:00:00Z',
        '1969-12-31T23:59:59Z',
        '0001-01-01T00:00:00Z',
        '0000-01-01T00:00:00Z',
        '2016-12-31T23:59:60Z',
      ])('are empty from the beginning: %s', async (at) => {
        await fill(1);
        expect((await asOf(at)).body).toStrictEqual({ success: true, settings: {} });
      });

      it.each([
        '9999-12-31T23:59:59Z',
        '9999-12-31t23:59:59.999999999999999999z',
        '9999-12-31T23:59:60Z',
        '9999-12-31T23:59:59-14:00',
      ])('are the newest to the end: %s', async (at) => {
        await fill(1);
        expect((await asOf(at)).body).toStrictEqual({ success: true, settings: { n: 1 } });
      });

      it.each([
        ['2026-11-21', ': it has no time of day'],
        ['2026-11-21T12:00:00', ': it has no offset'],
        ['2026-11-21 12:00:00Z', ': it has no T between date and time'],
        ['2026-11-21T12:00:00 01:00', ': its offset has a space for a sign (write + as %2B in a URL)'],
        ['2026-02-30T12:00:00Z', ': 2026-02-30 does not exist'],
        ['2026-11-21T25:00:00Z', ': there is no hour 25'],
        ['2026-11-21T12:00:60Z', ': second 60 exists only at 23:59 UTC'],
        ['yesterday', ''],
        ['', ''],
      ])('are not those of %s, and say why', async (at, problem) => {
        const answer = await asOf(at);
        expect(answer.status).toBe(400);
        expect(answer.body).toStrictEqual({
          success: false,
          message: `Failed to get ${noun}`,
          error: `at must be a date-time with an offset, such as 2026-11-21T12:00:00Z${problem}`,
        });
      });

      it('say how a + is written in a URL', async () => {
        expect((await send('GET', '?at=2026-11-21T12:00:00+01:00')).body).toMatchObject({
          error: expect.stringContaining('%2B') as string,
        });
        expect((await send('GET', '?at=2026-11-21T12:00:00%2B01:00')).status).toBe(200);
      });
    });

    describe('restored', () => {
      it('are the document again, as a new version', async () => {
        await send('POST', '', { body: { settings: { a: { b: [1] } } } });
        await send('POST', '', { body: { settings: { c: 2 } } });
        const answer = await send('POST', '/versions/1/restore', { headers: { 'change-reason': 'Oops' } });
        expect(answer.status).toBe(200);
        expect(answer.body).toStrictEqual({ success: true, message: `${title} restored successfully` });
        expect(answer.headers['etag']).toMatch(/^"3-/);
        expect(await settings()).toStrictEqual({ a: { b: [1] } });
        expect((await versions()).versions[0]).toMatchObject({ version: 3, operation: 'restore', reason: 'Oops' });
      });

      it('honour If-Match, and a dry run', async () => {
        await fill(2);
        const stale = await send('POST', '/versions/1/restore', { headers: { 'if-match': '"1"' } });
        expect(stale.status).toBe(412);
        const tried = await send('POST', '/versions/1/restore?dryRun=true', { headers: { 'if-match': '"2"' } });
        expect(tried.body).toStrictEqual({
          success: true,
          message: `${title} restored successfully`,
          dryRun: true,
          settings: { n: 1 },
          patch: [{ op: 'replace', path: '/n', value: 1 }],
        });
        expect(await settings()).toStrictEqual({ n: 2 });
      });
    });

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

    it.each([
      ['x'.repeat(501), 'Change-Reason must have at most 500 characters'],
      ['a\tb', 'Change-Reason must not contain control characters'],
    ])('refuse the reason %j', async (reason, error) => {
      const answer = await send('PUT', '', { body: { a: 1 }, headers: { 'change-reason': reason } });
      expect(answer.status).toBe(400);
      expect(answer.body).toStrictEqual({ success: false, message: `Failed to partially update ${noun}`, error });
      expect(await settings()).toStrictEqual({});
    });

    it('can all be shown again, whatever was done', async () => {
      const keys = fc.constantFrom('a', 'b', 'c', '', 'a/b', '~', '0');
      const { values, objects } = fc.letrec<{ values: unknown; objects: Settings }>((tie) => ({
        values: fc.oneof(
          { maxDepth: 4 },
          fc.constantFrom<unknown>(null, 0, 1, 'x', '', {}, []),
          fc.array(tie('values'), { maxLength: 4 }),
          tie('objects'),
        ),
        objects: fc.dictionary(keys, tie('values'), { maxKeys: 4 }),
      }));
      const wide = fc
        .integer({ min: 40, max: 80 })
        .map((n) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, i])));
      const changes = fc.oneof(
        fc.record({ method: fc.constant('POST'), body: fc.record({ settings: fc.oneof(objects, wide) }) }),
        fc.record({
          method: fc.constant('PUT'),
          body: fc.oneof({ weight: 4, arbitrary: objects }, { weight: 1, arbitrary: wide }),
        }),
        fc.record({
          method: fc.constant('DELETE'),
          body: fc.record({
            keys: fc.array(
              keys.map((key) => key || 'a.b'),
              { minLength: 1, maxLength: 3 },
            ),
          }),
        }),
        fc.record({ method: fc.constant('PATCH'), body: objects }),
        fc.record({
          method: fc.constant('ADD'),
          body: fc.tuple(
            fc.record({
              op: fc.constant('add'),
              path: keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
              value: values,
            }),
          ),
        }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(changes, { minLength: 1, maxLength: 25 }), async (sequence) => {
          organization = await anOrganization(app.dataSource);
          const documents: Settings[] = [{}];
          for (const { method, body } of sequence) {
            const answer =
              method === 'PATCH'
                ? await patch('merge', body)
                : method === 'ADD'
                  ? await patch('json', body)
                  : await send(method, '', { body });
            expect(answer.status).toBe(200);
            const now = Number(/^"(\d+)/.exec(String(answer.headers['etag']))?.[1]);
            expect(now - (documents.length - 1)).toBeLessThanOrEqual(1);
            documents[now] = await settings();
          }
          for (let n = 1; n < documents.length; n++) {
            expect((await version(n)).settings).toStrictEqual(documents[n]);
            const from = (n * 7) % documents.length;
            const { patch: difference } = (await send('GET', `/versions/${n}/diff?from=${from}`)).body as {
              patch: Operation[];
            };
            const copy = { document: structuredClone(documents[from]) };
            const nested = difference.map((operation) => ({ ...operation, path: `/document${operation.path}` }));
            expect(applyPatch(copy, nested)).toStrictEqual(nested.map(() => null));
            expect(copy.document).toStrictEqual(documents[n]);
          }
        }),
        { numRuns: 12 },
      );
    });

    it('do not store a large document again for each small change', async () => {
      const large = Object.fromEntries(
        Array.from({ length: 2000 }, (_, n) => [`key${n}`, { value: `${n}`.repeat(20) }]),
      );
      await send('POST', '', { body: { settings: { large, list: Array.from({ length: 5000 }, (_, n) => n) } } });
      for (let n = 0; n < 20; n++) await send('PUT', '', { body: { large: { key7: { value: n } } } });
      for (let n = 0; n < 20; n++) await patch('json', [{ op: 'replace', path: '/list/2500', value: -n - 1 }]);
      const [{ bytes }] = await app.dataSource.query<[{ bytes: number }]>(
        `select sum(octet_length(patch::text) + coalesce(octet_length(snapshot::text), 0))::integer as bytes
       from ${table} where ${key} = $1 and version > 1`,
        [ownerId(organization)],
      );
      expect(bytes).toBeLessThan(40 * 150);
      expect((await version(20)).settings['large']).toHaveProperty('key7.value', 18);
    });

    it('can be forgotten by an operator, and go on', async () => {
      await fill(3);
      await app.dataSource.query(`delete from ${table} where ${key} = $1`, [ownerId(organization)]);
      await app.dataSource.query(`update ${settingsTable} set history_version = 0 where ${key} = $1`, [
        ownerId(organization),
      ]);
      expect((await send('GET', '/versions/3')).status).toBe(404);
      const now = encodeURIComponent(new Date(Date.now() + 1000).toISOString());
      expect((await send('GET', `?at=${now}`)).body).toStrictEqual({ success: true, settings: { n: 3 } });
      await send('PUT', '', { body: { n: 4 } });
      await send('PUT', '', { body: { n: 5 } });
      expect((await versions()).versions.map(({ version, operation }) => [version, operation])).toStrictEqual([
        [5, 'merge'],
        [4, 'merge'],
        [3, 'baseline'],
      ]);
      for (const n of [3, 4, 5]) expect((await version(n)).settings).toStrictEqual({ n });
      expect((await send('GET', '/versions/3/diff')).status).toBe(404);
      expect((await send('GET', '/versions/5/diff?from=3')).body).toMatchObject({
        patch: [{ op: 'replace', path: '/n', value: 5 }],
      });
      expect((await send('GET', '?at=2000-01-01T00:00:00Z')).status).toBe(404);
      expect((await send('POST', '/versions/4/restore')).status).toBe(200);
    });

    it('heal where an older release wrote in between', async () => {
      await fill(2);
      await app.dataSource.query(
        `update ${settingsTable} set settings = '{"n":"older"}', version = version + 1, updated_at = now() where ${key} = $1`,
        [ownerId(organization)],
      );
      await send('PUT', '', { body: { m: 1 } });
      expect((await version(4)).settings).toStrictEqual({ n: 'older', m: 1 });
      expect((await version(3)).settings).toStrictEqual({ n: 'older' });
      expect((await version(2)).settings).toStrictEqual({ n: 2 });
      expect((await versions()).versions.map(({ operation }) => operation)).toStrictEqual([
        'merge',
        'baseline',
        'merge',
        'merge',
      ]);
    });

    it('are never much larger than the document, whatever the keys', async () => {
      const long = 'k'.repeat(20_000);
      const members = (n: number) => Object.fromEntries(Array.from({ length: 1000 }, (_, place) => [`a${place}`, n]));
      const zeros = Array.from({ length: 100_000 }, () => 0);
      await send('POST', '', { body: { settings: { [long]: members(1) } } });
      await send('POST', '', { body: { settings: { [long]: members(2) } } });
      const leaves = Object.fromEntries(Array.from({ length: 30 }, (_, place) => [`a${place}`, 3]));
      await send('PUT', '', { body: { [long]: leaves } });
      await send('POST', '', { body: { settings: { a: zeros } } });
      const many = Object.fromEntries(Array.from({ length: 1000 }, (_, place) => [`m${place}`, place]));
      await send('POST', '', { body: { settings: many } });
      await send('POST', '', { body: { settings: { a: zeros } } });
      const rows = await app.dataSource.query<{ bytes: number }[]>(
        `select octet_length(patch::text) as bytes from ${table} where ${key} = $1 order by version`,
        [ownerId(organization)],
      );
      expect(rows).toHaveLength(6);
      for (const { bytes } of rows) expect(bytes).toBeLessThan(350_000);
      const list = await send('GET', '/versions');
      expect(list.text.length).toBeLessThan(200_000);
      expect((await version(3)).settings).toHaveProperty([long, 'a29'], 3);
      expect((await version(2)).settings).toHaveProperty([long, 'a29'], 2);
      const tried = await send('POST', '?dryRun=true', { body: { settings: { [long]: members(4) } } });
      expect(tried.text.length).toBeLessThan(200_000);
    });

    it('keep the document whole from time to time, so that none is far away', async () => {
      for (let n = 0; n < 20; n++) {
        const body = Object.fromEntries(Array.from({ length: 30 }, (_, place) => [`k${place}`, n]));
        await send('PUT', '', { body });
      }
      const rows = await app.dataSource.query<{ version: string }[]>(
        `select version from ${table} where ${key} = $1 and snapshot is not null order by version`,
        [ownerId(organization)],
      );
      expect(rows.map(({ version }) => Number(version))).toStrictEqual([9, 18]);
      expect((await version(8)).settings['k29']).toBe(7);
      expect((await version(20)).settings['k29']).toBe(19);
    });

    describe('beyond their retention', () => {
      const age = (upTo: number, days: number) =>
        app.dataSource.query(`update ${table} set at = $3 where ${key} = $1 and version <= $2`, [
          ownerId(organization),
          upTo,
          new Date(Date.now() - days * 86_400_000),
        ]);
      const prune = () => app.process.ask<number>('prune');
      /** Each change is of so many leaves that every fifth document is kept whole. */
      const fillWide = async (count: number) => {
        for (let n = 1; n <= count; n++) {
          const body = Object.fromEntries(Array.from({ length: 64 }, (_, place) => [`k${place}`, n]));
          await send('PUT', '', { body });
        }
      };

      it('go when they are beyond the newest and too old, and the others stay readable', async () => {
        await fillWide(30);
        await age(22, 31);
        expect(await prune()).toBeGreaterThan(0);
        const { versions: left } = await versions('?limit=100');
        const oldest = left.at(-1)!.version;
        expect(oldest).toBeGreaterThan(10);
        expect(oldest).toBeLessThanOrEqual(30 - KEPT + 1);
        for (const { version: n } of left) expect((await version(n)).settings['k63']).toBe(n);
        expect((await send('GET', `/versions/${oldest - 1}`)).status).toBe(404);
        expect((await send('GET', `/versions/${oldest}/diff`)).status).toBe(200);
        expect((await send('GET', `/versions/${oldest + 1}/diff?from=${oldest - 1}`)).status).toBe(404);
        expect((await send('GET', '?at=2000-01-01T00:00:00Z')).body).toStrictEqual({
          success: false,
          message: 'Version not found',
        });
        expect((await settings())['k63']).toBe(30);
        expect(await prune()).toBe(0);
      });

      it('stay while they are among the newest, however old', async () => {
        await fillWide(KEPT);
        await age(KEPT, 3650);
        expect(await prune()).toBe(0);
        expect((await versions()).versions).toHaveLength(KEPT);
      });

      it('stay while they are young, however many', async () => {
        await fillWide(30);
        expect(await prune()).toBe(0);
        expect((await versions('?limit=100')).versions).toHaveLength(30);
      });
    });
  },
);

describe('versions of settings and who may see them', () => {
  const at = (path: string, as: string, method = 'GET') => app.request(method, `/settings${path}`, { as });

  it('are for the members of the organization, and restored by its administrators only', async () => {
    await app.request('PUT', '/settings/organization', { as: organization.owner, body: { a: 1 } });
    for (const role of ['user', 'billing', 'workspaces', 'administrator', 'owner'] as const) {
      const as = organization[role];
      expect((await at('/organization/versions', as)).body).toMatchObject({ versions: [{ version: 1 }] });
      expect((await at('/organization/versions/1', as)).body).toMatchObject({ settings: { a: 1 } });
      const restored = await at('/organization/versions/1/restore', as, 'POST');
      expect(restored.status).toBe(role === 'administrator' || role === 'owner' ? 200 : 403);
    }
    const refused = await at('/organization/versions/99/restore', organization.user, 'POST');
    expect(refused.body).toStrictEqual({
      success: false,
      message: 'Insufficient permissions: only OWNER and ADMINISTRATOR roles can modify organization settings',
    });
  });

  it('are of the own organization, and the own ones of a user', async () => {
    const other = await anOrganization(app.dataSource);
    await app.request('PUT', '/settings/organization', { as: other.owner, body: { theirs: true } });
    await app.request('PUT', '/settings/user', { as: organization.user, body: { mine: true } });
    expect((await at('/organization/versions', organization.owner)).body).toMatchObject({ versions: [] });
    expect((await at('/organization/versions/1', organization.owner)).status).toBe(404);
    expect((await at('/user/versions', organization.owner)).body).toMatchObject({ versions: [] });
    expect((await at('/user/versions/1', organization.user)).body).toMatchObject({ settings: { mine: true } });
  });

  it('are for nobody who is nobody', async () => {
    const loner = await aUser(app.dataSource);
    for (const path of ['/versions', '/versions/1', '/versions/1/diff']) {
      expect((await at(`/organization${path}`, loner)).body).toStrictEqual({
        success: false,
        message: 'User not associated with any organization',
      });
      expect((await at(`/user${path}`, 'nobody')).body).toStrictEqual({ success: false, message: 'User not found' });
    }
    expect((await at('/user?at=2026-11-21T12:00:00Z', 'nobody')).status).toBe(404);
  });
});
