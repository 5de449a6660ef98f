import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { NEWEST, noise, QUOTA, THINNED, VARIABLES, type Version } from './quotas.js';

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

describe('the quota of the history of an organization', () => {
  const send = (method: string, at = '', body?: unknown) =>
    app.request(method, `/organization/${organization.id}${at}`, { as: organization.owner, body });
  const versions = async (path: string) => {
    const { body } = await app.request('GET', `${path}/versions?limit=100`, { as: organization.owner });
    const { data, versions: found } = body as { data?: { versions: Version[] }; versions?: Version[] };
    return (data?.versions ?? found)!;
  };
  const changeProfile = async (count: number, bytes: number) => {
    const cities = new Map<number, string>();
    for (let n = 1; n <= count; n++) {
      const fields = ['address1', 'address2', 'city', 'state', 'country'];
      const body = Object.fromEntries(fields.map((field) => [field, noise(bytes)]));
      await send('PUT', '', body);
      cities.set(n, body['city']!);
    }
    return cities;
  };
  const changeSettings = async (count: number, bytes: number) => {
    for (let n = 1; n <= count; n++) {
      await app.request('PUT', '/settings/organization', { as: organization.owner, body: { text: noise(bytes) } });
    }
  };

  it('takes the contents of versions of the profile', async () => {
    const cities = await changeProfile(60, 180);
    await thin();
    const found = await versions(`/organization/${organization.id}`);
    const thinned = found.filter((version) => version.thinned);
    expect(thinned.length).toBeGreaterThan(10);
    expect(found.length - thinned.length).toBeGreaterThanOrEqual(NEWEST);
    for (const version of found) {
      const { status, body } = await send('GET', `/versions/${version.version}`);
      if (version.thinned) expect([status, body]).toStrictEqual([404, { ...THINNED, data: null }]);
      else expect(body).toMatchObject({ data: { profile: { city: cities.get(version.version) } } });
    }
    expect((await send('POST', `/versions/${thinned[0]!.version}/restore`)).body).toStrictEqual({
      ...THINNED,
      data: null,
    });
  });

  it('is shared by its settings and its profile: neither pushes out more than what is above one half', async () => {
    await changeProfile(25, 50);
    await changeSettings(200, 1500);
    await thin();
    expect((await versions(`/organization/${organization.id}`)).some(({ thinned }) => thinned)).toBe(false);
    expect((await versions('/settings/organization')).some(({ thinned }) => thinned)).toBe(true);
  });

  it('is seen by changes of the profile, too, when the settings have filled it', async () => {
    await changeSettings(28, 1000);
    await changeProfile(12, 180);
    await app.dataSource.query('delete from organizations_to_thin where organization_id = $1', [organization.id]);
    await changeProfile(4, 180);
    const listed = await app.dataSource.query<unknown[]>(
      'select 1 from organizations_to_thin where organization_id = $1',
      [organization.id],
    );
    expect(listed).toHaveLength(1);
  });

  it('is kept by itself within seconds, and counted in the metrics', async () => {
    const itself = await TestApp.start({ HISTORY_MAX_BYTES: String(QUOTA) }, app.database);
    const read = async () => {
      const { text } = await itself.request('GET', '/metrics');
      return Number(/^history_versions_thinned_total (\d+)/m.exec(text)?.[1]);
    };
    try {
      expect(await read()).toBe(0);
      await changeSettings(80, 1500);
      await vi.waitFor(async () => expect(await read()).toBeGreaterThan(0), { timeout: 50_000, interval: 200 });
      expect((await versions('/settings/organization')).some(({ thinned }) => thinned)).toBe(true);
    } finally {
      await itself.close();
    }
  });
});

describe('the quota of the history of a user', () => {
  const changes = async () =>
    app.dataSource.query<{ operation: string; actorId: string; isThinned: boolean; patch: object[] }[]>(
      `select operation, actor_id as "actorId", thinned_operations is not null as "isThinned", patch
       from user_changes where user_id = $1 and context = 3 order by version`,
      [organization.user],
    );

  it('takes what their oldest names were, and keeps who changed them', async () => {
    for (let n = 0; n < 60; n++) {
      const body = { name: `${n} ${noise(190)}`, lastName: '\u{1f600}'.repeat(199) };
      const path = `/organization/users/${organization.user}`;
      expect(
        (await app.request('PUT', path, { as: organization.owner, body: { ...body, orgRole: n % 2 } })).status,
      ).toBe(200);
      const renamed = { name: noise(200), lastName: '\u{1f601}'.repeat(200) };
      await app.request('PUT', `/user/${organization.user}`, { as: organization.owner, body: renamed });
    }
    await thin();
    const kept = await changes();
    expect(kept).toHaveLength(120);
    const thinned = kept.filter(({ isThinned }) => isThinned);
    expect(thinned.length).toBeGreaterThan(10);
    expect(kept.slice(-NEWEST).some(({ isThinned }) => isThinned)).toBe(false);
    for (const { actorId, patch } of thinned) {
      expect(actorId).toBe(organization.owner);
      expect(JSON.stringify(patch)).not.toContain('value');
    }
    const bytes = kept
      .filter(({ isThinned }) => !isThinned)
      .reduce((sum, { patch }) => sum + JSON.stringify(patch).length, 0);
    expect(bytes).toBeLessThanOrEqual(2 * QUOTA);
    const [{ listed }] = await app.dataSource.query<[{ listed: string }]>(
      'select count(*) as listed from users_to_thin where user_id = $1',
      [organization.user],
    );
    expect(Number(listed)).toBe(0);
  });
});
