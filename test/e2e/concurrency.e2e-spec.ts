import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { SCOPES } from '../support/scopes.js';

const WRITERS = 64;

let instances: TestApp[];
let organization: TestOrganization;

beforeAll(async () => {
  const first = await TestApp.start();
  instances = [first, await TestApp.start({}, first.database)];
});
afterAll(async () => {
  for (const instance of instances.toReversed()) await instance.close();
});
beforeEach(async () => {
  organization = await anOrganization(instances[0]!.dataSource);
});

const each = <T>(work: (writer: number, app: TestApp) => Promise<T>) =>
  Promise.all(Array.from({ length: WRITERS }, (_, writer) => work(writer, instances[writer % instances.length]!)));

describe.each(SCOPES)(
  '64 writers at once on one $scope document',
  ({ scope, path, table, key, writer: by, ownerId }) => {
    const read = async () => {
      const answer = await instances[0]!.request('GET', path, { as: by(organization) });
      return (answer.body as { settings: Record<string, unknown> }).settings;
    };
    const version = async () => {
      const [row] = await instances[0]!.dataSource.query<{ version: string }[]>(
        `select version from ${table} where ${key} = $1`,
        [ownerId(organization)],
      );
      return Number(row?.version);
    };

    it('keep every acknowledged change, from the first write on', async () => {
      await each(async (writer, app) => {
        for (const round of [1, 2, 3]) {
          const body = { [`w${writer}`]: { [`r${round}`]: writer }, shared: { [`w${writer}`]: round } };
          expect((await app.request('PUT', path, { as: by(organization), body })).status).toBe(200);
        }
      });
      const settings = await read();
      for (let writer = 0; writer < WRITERS; writer++) {
        expect(settings[`w${writer}`]).toStrictEqual({ r1: writer, r2: writer, r3: writer });
        expect(settings['shared']).toMatchObject({ [`w${writer}`]: 3 });
      }
      expect(await version()).toBe(WRITERS * 3);
    });

    it('delete only their own key', async () => {
      const all = Object.fromEntries(Array.from({ length: WRITERS }, (_, writer) => [`w${writer}`, writer]));
      await instances[0]!.request('POST', path, { as: by(organization), body: { settings: { all, kept: 1 } } });
      await each(async (writer, app) => {
        const body = { keys: [`all.w${writer}`] };
        expect((await app.request('DELETE', path, { as: by(organization), body })).status).toBe(200);
      });
      expect(await read()).toStrictEqual({ all: {}, kept: 1 });
    });

    it('replace it whole: one of them is last', async () => {
      await each(async (writer, app) => {
        const body = { settings: { by: writer, twice: writer } };
        expect((await app.request('POST', path, { as: by(organization), body })).status).toBe(200);
      });
      const { by: last, twice } = await read();
      expect(last).toBe(twice);
      expect(await version()).toBe(WRITERS);
    });

    it('mix all three kinds of change without losing one', async () => {
      await instances[0]!.request('PUT', path, {
        as: by(organization),
        body: { old: Object.fromEntries(Array.from({ length: WRITERS }, (_, i) => [`k${i}`, i])) },
      });
      await each(async (writer, app) => {
        const as = by(organization);
        const isDeleter = writer % 2 === 0;
        const answer = isDeleter
          ? await app.request('DELETE', path, { as, body: { keys: [`old.k${writer}`] } })
          : await app.request('PUT', path, { as, body: { fresh: { [`k${writer}`]: writer } } });
        expect(answer.status).toBe(200);
      });
      const settings = (await read()) as Record<'old' | 'fresh', Record<string, number>>;
      for (let writer = 0; writer < WRITERS; writer++) {
        const isDeleter = writer % 2 === 0;
        expect(settings.old[`k${writer}`]).toBe(isDeleter ? undefined : writer);
        expect(settings.fresh[`k${writer}`]).toBe(isDeleter ? undefined : writer);
      }
    });

    it('leave a history without gaps, in the order of time, that leads to the document', async () => {
      await each(async (writer, app) => {
        const as = by(organization);
        const isPatch = writer % 3 === 0;
        const answer = isPatch
          ? await app.request('PATCH', path, {
              as,
              body: [{ op: 'add', path: `/p${writer}`, value: [writer] }],
              headers: { 'content-type': 'application/json-patch+json' },
            })
          : await app.request('PUT', path, { as, body: { [`k${writer % 8}`]: { by: writer } } });
        expect(answer.status).toBe(200);
      });
      const { dataSource } = instances[0]!;
      const changes = await dataSource.query<{ version: string; at: Date; id: string }[]>(
        `select version, at, id from ${scope}_changes where ${key} = $1 order by version`,
        [ownerId(organization)],
      );
      expect(changes.map((change) => Number(change.version))).toStrictEqual(changes.map((_, place) => place + 1));
      expect(changes).toHaveLength(await version());
      expect(changes.map(({ at }) => at.getTime())).toStrictEqual(
        changes.map(({ at }) => at.getTime()).toSorted((one, other) => one - other),
      );
      expect(new Set(changes.map(({ id }) => id)).size).toBe(WRITERS);
      const [last] = await dataSource.query<{ settings: object }[]>(`select ${scope}_settings_at($1, $2) as settings`, [
        ownerId(organization),
        WRITERS,
      ]);
      expect(last!.settings).toStrictEqual(await read());
    });

    it('count together, each insisting on the version that it saw', async () => {
      const increment = async (app: TestApp): Promise<void> => {
        const as = by(organization);
        const seen = await app.request('GET', path, { as });
        const { count = 0 } = (seen.body as { settings: { count?: number } }).settings;
        const answer = await app.request('PUT', path, {
          as,
          body: { count: count + 1 },
          headers: { 'if-match': seen.headers['etag'] as string },
        });
        if (answer.status === 412) return increment(app);
        expect(answer.status).toBe(200);
      };
      await Promise.all(Array.from({ length: 12 }, (_, n) => increment(instances[n % instances.length]!)));
      expect(await read()).toStrictEqual({ count: 12 });
      expect(await version()).toBe(12);
    });
  },
);
