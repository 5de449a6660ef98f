import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Answer, TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';

vi.setConfig({ testTimeout: 120_000 });

const DOCUMENT = '/settings/organization';
const JSON_PATCH = { 'content-type': 'application/json-patch+json' };

/** How much one caller has under way at a time. */
const UNDER_WAY = 60;

/** How long colleagues wait at most, in milliseconds: nobody is refused before. */
const PATIENCE_MS = 5_000;

let app: TestApp;
let acme: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start({
    RATE_LIMIT_PER_MINUTE: '0',
    DATABASE_TIME_PER_CALLER: '0',
    DATABASE_TIME_PER_OWNER: '0',
  });
  acme = await anOrganization(app.dataSource);
  const settings = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`key${n}`, n]));
  expect((await app.request('POST', DOCUMENT, { as: acme.owner, body: { settings } })).status).toBe(200);
});
afterAll(() => app.close());

describe('a member who has 60 requests under way in their organization', () => {
  it.each<[string, (n: number) => Promise<Answer>]>([
    [
      'JSON Patches',
      (n) => {
        const body = [{ op: 'replace', path: `/key${n % 100}`, value: n }];
        return app.request('PATCH', DOCUMENT, { as: acme.owner, body, headers: JSON_PATCH });
      },
    ],
    [
      'changes of members',
      (n) => app.request('PUT', `/user/${acme.user}`, { as: acme.owner, body: { name: `Ada ${n}` } }),
    ],
    ['events', () => app.request('POST', '/systemevent', { as: acme.owner, body: { skip: 0, take: 100 } })],
    ['differences', () => app.request('GET', `${DOCUMENT}/versions/1/diff?from=0`, { as: acme.owner })],
    [
      'small changes',
      (n) => app.request('PUT', `/organization/${acme.id}`, { as: acme.owner, body: { city: `${n}` } }),
    ],
  ])('keeps no colleague from theirs: %s', async (_, ask) => {
    let isOver = false;
    const answers: Answer[] = [];
    const greedy = Array.from({ length: UNDER_WAY }, async (_, one) => {
      for (let n = one; !isOver; n += UNDER_WAY) answers.push(await ask(n));
    });
    const as = acme.administrator;
    try {
      for (let round = 0; round < 15; round++) {
        const start = performance.now();
        const theirs = await Promise.all([
          app.request('GET', DOCUMENT, { as: acme.billing }),
          app.request('PUT', DOCUMENT, { as, body: { [`round${round}`]: round } }),
          app.request('PUT', `/organization/${acme.id}`, { as, body: { zipcode: `${round}` } }),
          app.request('GET', `${DOCUMENT}/versions?limit=5`, { as }),
          app.request('POST', '/systemevent', { as: acme.workspaces, body: { skip: 0, take: 5 } }),
          app.request('PUT', `/user/${acme.billing}`, { as, body: { name: `Grace ${round}` } }),
        ]);
        expect(theirs.map(({ status }) => status)).toStrictEqual(theirs.map(() => 200));
        expect(performance.now() - start).toBeLessThan(PATIENCE_MS);
      }
    } finally {
      isOver = true;
      await Promise.all(greedy);
    }
    const refused = answers.filter(({ status }) => status !== 200);
    for (const { status, headers, body } of refused) {
      expect(status).toBe(503);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(body).toMatchObject({ success: false, message: 'Service unavailable' });
    }
    expect(answers.length).toBeGreaterThan(refused.length);
  });
});
