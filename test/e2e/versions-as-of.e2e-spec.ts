import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { SCOPES } from '../support/scopes.js';
import { settingsRequests } from './settings-requests.js';

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
  const { scope, noun, key, ownerId } = kind;
  const table = `${scope}_changes`;
  const { send, versions, fill } = settingsRequests(kind, () => ({ app, organization }));

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
});
