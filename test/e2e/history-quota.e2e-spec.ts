import { applyPatch, type Operation } from 'rfc6902';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RequestOptions, TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { SCOPES } from '../support/scopes.js';
import { NEWEST, noise, QUOTA, THINNED, VARIABLES, type Version } from './quotas.js';

type Settings = Record<string, unknown>;

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start(VARIABLES, undefined, { preload: ['background-work.js'] });
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
});

const thin = () => app.process.ask('thin');

describe.each(SCOPES)('the quota of the history of $scope settings', ({ scope, path, writer, ownerId, table, key }) => {
  const changes = `${scope}_changes`;
  const send = (method: string, at = '', options: RequestOptions = {}) =>
    app.request(method, `${path}${at}`, { as: writer(organization), ...options });
  const settings = async () => ((await send('GET')).body as { settings: Settings }).settings;
  const versions = async () => {
    const found: Version[] = [];
    for (let before = ''; ;) {
      const { body } = await send('GET', `/versions?limit=100${before}`);
      const page = body as { versions: Version[]; next: number | null };
      // Absent where it was not.
      found.push(...page.versions.map((version) => ({ ...version, thinned: version.thinned ?? false })));
      if (page.next === null) return found;
      before = `&before=${page.next}`;
    }
  };
  const contentBytes = async () => {
    const [{ bytes }] = await app.dataSource.query<[{ bytes: string }]>(
      `select coalesce(sum(pg_column_size(patch) + coalesce(pg_column_size(snapshot), 0)), 0) as bytes
       from ${changes} where ${scope}_id = $1 and thinned_operations is null`,
      [ownerId(organization)],
    );
    return Number(bytes);
  };
  const isListed = async () =>
    (
      await app.dataSource.query<unknown[]>(`select 1 from ${scope}s_to_thin where ${scope}_id = $1`, [
        ownerId(organization),
      ])
    ).length === 1;
  /** Changes of all kinds, and what they made, by version. */
  const fill = async (count: number, bytes: number, models = new Map<number, Settings>()) => {
    for (let n = 1; n <= count; n++) {
      const name = `key ${n % 7}`;
      const merge = { 'content-type': 'application/merge-patch+json' };
      const patch = { 'content-type': 'application/json-patch+json' };
      const reason = { 'change-reason': `No. ${n}` };
      if (n % 11 === 0) {
        await send('POST', '', { body: { settings: { [name]: noise(bytes), n } }, headers: reason });
      } else if (n % 5 === 0) {
        await send('PATCH', '', { body: { [name]: null, n }, headers: { ...merge, ...reason } });
      } else if (n % 3 === 0) {
        const body = [{ op: 'add', path: `/n`, value: { n, text: noise(bytes) } }];
        await send('PATCH', '', { body, headers: { ...patch, ...reason } });
      } else {
        await send('PUT', '', { body: { [name]: noise(bytes), n }, headers: reason });
      }
      models.set(models.size + 1, await settings());
    }
    return models;
  };

  it('takes the oldest contents, and each version that is left is what it was', async () => {
    const models = await fill(150, 1200);
    expect(await isListed()).toBe(true);
    const before = await versions();
    expect(before.some(({ thinned }) => thinned)).toBe(false);
    await thin();
    expect(await isListed()).toBe(false);
    expect(await contentBytes()).toBeLessThanOrEqual(QUOTA);
    expect(await contentBytes()).toBeGreaterThan(QUOTA / 2);

    const after = await versions();
    expect(after.map((version) => ({ ...version, thinned: false }))).toStrictEqual(before);
    const first = after.findLast(({ thinned }) => !thinned)!.version;
    expect(first).toBeGreaterThan(1);
    expect(first).toBeLessThanOrEqual(150 - NEWEST + 1);
    for (const { version, thinned } of after) {
      expect(thinned).toBe(version < first);
      const answer = await send('GET', `/versions/${version}`);
      const diff = await send('GET', `/versions/${version}/diff?from=150`);
      if (thinned) {
        expect([answer.status, answer.body]).toStrictEqual([404, THINNED]);
        expect([diff.status, diff.body]).toStrictEqual([404, THINNED]);
        continue;
      }
      expect((answer.body as { settings: Settings }).settings).toStrictEqual(models.get(version));
      const document = structuredClone(models.get(150)!);
      applyPatch(document, (diff.body as { patch: Operation[] }).patch);
      expect(document).toStrictEqual(models.get(version));
    }
    // The way to the first that is left begins at one that is gone.
    expect((await send('GET', `/versions/${first}/diff`)).body).toStrictEqual(THINNED);
    expect((await send('GET', `/versions/${first - 1}/diff`)).body).toStrictEqual(THINNED);
    expect((await send('POST', `/versions/${first - 1}/restore`)).body).toStrictEqual(THINNED);
    expect((await send('GET', '/versions/151')).body).toStrictEqual({ success: false, message: 'Version not found' });
    expect((await send('POST', `/versions/${first}/restore`)).status).toBe(200);
    expect(await settings()).toStrictEqual(models.get(first));
  });

  it('takes again what came since, and shows an event of what is gone without its values', async () => {
    const models = await fill(100, 1000);
    await thin();
    await fill(100, 1000, models);
    expect(await isListed()).toBe(true);
    await thin();
    expect(await contentBytes()).toBeLessThanOrEqual(QUOTA);
    for (const { version, thinned } of await versions()) {
      const { body } = await send('GET', `/versions/${version}`);
      if (thinned) expect(body).toStrictEqual(THINNED);
      else expect((body as { settings: Settings }).settings).toStrictEqual(models.get(version));
    }
    const { body } = await app.request('POST', '/systemevent', {
      as: writer(organization),
      body: { context: scope === 'user' ? 'usersettings' : 'orgsettings', skip: 199, take: 1 },
    });
    const [first] = (body as { events: { jsonData: string }[] }).events;
    expect(JSON.parse(first!.jsonData)).toMatchObject({
      version: 1,
      operation: 'merge',
      patch: [
        { op: 'add', path: '/key 1' },
        { op: 'add', path: '/n' },
      ],
      operations: 2,
      reason: 'No. 1',
    });
  });

  it('leaves the newest alone, and what came before them needs nobody', async () => {
    const models = await fill(30, 6000);
    await thin();
    for (const { version, thinned } of await versions()) {
      expect(thinned).toBe(version <= 30 - NEWEST);
      if (thinned) continue;
      const { body } = await send('GET', `/versions/${version}`);
      expect((body as { settings: Settings }).settings).toStrictEqual(models.get(version));
    }
    expect(await isListed()).toBe(false);
  });

  it('is not felt by who stays below it', async () => {
    await fill(30, 200);
    expect(await isListed()).toBe(false);
    await thin();
    expect((await versions()).some(({ thinned }) => thinned)).toBe(false);
  });

  it('counts a history whose bytes nobody has counted', async () => {
    await fill(100, 1000);
    const owner = ownerId(organization);
    await app.dataSource.query(`delete from ${scope}s_to_thin where ${scope}_id = $1`, [owner]);
    await app.dataSource.query(`update ${table} set history_bytes = 0 where ${key} = $1`, [owner]);
    await app.dataSource.query(`insert into ${scope}s_to_thin values ($1)`, [owner]);
    await thin();
    expect((await versions()).some(({ thinned }) => thinned)).toBe(true);
    const [{ counted }] = await app.dataSource.query<[{ counted: string }]>(
      `select history_bytes as counted from ${table} where ${key} = $1`,
      [owner],
    );
    expect(Number(counted)).toBe(await contentBytes());
  });

  it('keeps no more than a few kilobytes of paths of what is gone', async () => {
    const names = Array.from({ length: 60 }, (_, n) => `${n} ${noise(100).replaceAll('/', '-')}`);
    await send('POST', '', { body: { settings: Object.fromEntries(names.map((name) => [name, 1])) } });
    await fill(80, 1000);
    await thin();
    const [first] = (await versions()).slice(-1);
    expect(first!.thinned).toBe(true);
    expect(first!.paths.length).toBeGreaterThan(20);
    expect(first!.paths.join('').length).toBeLessThanOrEqual(4096);
  });

  it('is no reason to keep a version longer than its age allows', async () => {
    await fill(60, 2000);
    await thin();
    const thinned = (await versions()).filter(({ thinned }) => thinned).length;
    expect(thinned).toBeGreaterThan(10);
    await app.dataSource.query(
      `update ${changes} set at = now() - interval '31 days' where ${scope}_id = $1 and version <= 10`,
      [ownerId(organization)],
    );
    await app.process.ask('prune');
    expect((await versions()).at(-1)!.version).toBe(10);
  });
});
