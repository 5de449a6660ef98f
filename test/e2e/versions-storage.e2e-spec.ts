import fc from 'fast-check';
import { applyPatch, type Operation } from 'rfc6902';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { SCOPES } from '../support/scopes.js';
import { settingsRequests, type Settings } from './settings-requests.js';

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

describe.each(SCOPES)('versions of $scope settings', (kind) => {
  const { scope, table: settingsTable, key, ownerId } = kind;
  const table = `${scope}_changes`;
  const { send, patch, settings, versions, version, fill } = settingsRequests(kind, () => ({ app, organization }));

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
    const large = Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`key${n}`, { value: `${n}`.repeat(20) }]));
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
      `update ${settingsTable} set settings = '{"n":"older"}', version = version + 1, updated_at = now()
       where ${key} = $1`,
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
});
