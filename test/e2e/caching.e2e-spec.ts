import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RequestOptions, TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { TableLock } from '../support/table-lock.js';

const ORIGIN = 'https://app.example.com';

const CONFIGURATIONS: { which: string; variables: Record<string, string>; orOrigin: string }[] = [
  { which: 'without origins', variables: {}, orOrigin: '' },
  { which: 'with origins', variables: { CORS_ORIGINS: ORIGIN }, orOrigin: ', Origin' },
];

let app: TestApp;
let organization: TestOrganization;

const OWN = 'Authorization';
const NAMED = 'Authorization, X-Organization-Id';

/** Each with a success and refusals before and behind the guards. */
const requests = (): [vary: string, method: string, path: string, options?: RequestOptions][] => [
  [OWN, 'GET', '/settings/user'],
  [OWN, 'HEAD', '/settings/user'],
  [OWN, 'GET', '/settings/user', { headers: { 'if-none-match': '"1"' } }],
  [OWN, 'GET', '/settings/user?at=nonsense'],
  [OWN, 'PUT', '/settings/user', { body: { b: 2 } }],
  [OWN, 'PUT', '/settings/user', { body: '{' }],
  [OWN, 'PUT', '/settings/user', { body: 'a', headers: { 'content-type': 'text/plain' } }],
  [OWN, 'PUT', '/settings/user', { body: Buffer.alloc(2_000_000, 'x') }],
  [OWN, 'PUT', '/settings/user', { body: {}, headers: { 'if-match': '"99"' } }],
  [OWN, 'GET', '/settings/user/versions'],
  [OWN, 'GET', '/settings/user/versions/99'],
  [NAMED, 'GET', '/settings/organization'],
  [NAMED, 'GET', '/settings/organization', { headers: { 'if-none-match': '"1"' } }],
  [NAMED, 'PATCH', '/settings/organization', { body: {} }],
  [NAMED, 'GET', '/settings/organization/versions/1/diff'],
  [NAMED, 'POST', '/settings/organization/versions/99/restore'],
  [NAMED, 'GET', '/settings/effective'],
  [NAMED, 'GET', '/settings/effective', { headers: { 'if-none-match': '*' } }],
  [NAMED, 'GET', '/settings/effective?scope=all'],
  [OWN, 'GET', `/organization/${organization.id}`],
  [OWN, 'GET', `/organization/${organization.id}`, { headers: { 'if-none-match': '"0"' } }],
  [OWN, 'GET', '/organization/nothing'],
  [OWN, 'PUT', `/organization/${organization.id}`, { body: {} }],
  [OWN, 'POST', '/systemevent', { body: {} }],
  [OWN, 'DELETE', '/systemevent/read', { body: {} }],
];

describe.each(CONFIGURATIONS)('replies that differ by caller, $which', ({ variables, orOrigin }) => {
  beforeAll(async () => {
    app = await TestApp.start(variables);
    organization = await anOrganization(app.dataSource);
    for (const path of ['/settings/user', '/settings/organization']) {
      await app.request('PUT', path, { as: organization.owner, body: { a: 1 } });
    }
  });
  afterAll(() => app.close());

  it('are private, are asked for again, and say by what they differ', async () => {
    const statuses = new Set<number>();
    for (const [vary, method, path, options] of requests()) {
      for (const caller of [{ as: organization.owner }, {}]) {
        const headers = { ...options?.headers, origin: ORIGIN };
        const answer = await app.request(method, path, { ...options, ...caller, headers });
        const what = `${answer.status} ${method} ${path}`;
        expect(answer.headers['cache-control'], what).toBe('private, no-cache');
        expect(answer.headers['vary'], what).toBe(vary + orOrigin);
        expect(answer.headers['access-control-allow-origin'], what).toBe(orOrigin === '' ? undefined : ORIGIN);
        statuses.add(answer.status);
      }
    }
    expect([...statuses].sort()).toStrictEqual([200, 304, 400, 401, 404, 412, 413, 415]);
  });

  it('also when they are refused for what others do', async () => {
    const limits = { DATABASE_POOL_SIZE: '3', DATABASE_QUEUE_SIZE: '3', RATE_LIMIT_PER_MINUTE: '20' };
    const busy = await TestApp.start({ ...variables, ...limits }, app.database);
    const request = (method: string, as: string, options: RequestOptions = {}) => {
      const headers = { ...options.headers, origin: ORIGIN };
      return busy.request(method, '/settings/organization', { ...options, as, headers });
    };
    const { owner, user } = organization;
    const body = [{ op: 'test', path: '/none', value: 1 }];
    const answers = [
      await request('PUT', user, { body: {} }),
      await request('PATCH', owner, { body, headers: { 'content-type': 'application/json-patch+json' } }),
    ];
    const lock = await TableLock.hold(app.dataSource, 'organization_settings');
    const waiting = Promise.all(Array.from({ length: 19 }, () => request('GET', owner)));
    await lock.isWaitedFor();
    await sleep(200);
    await lock.release();
    answers.push(...(await waiting), await request('GET', owner));
    await busy.close();
    expect([...new Set(answers.map(({ status }) => status))].sort()).toStrictEqual([200, 403, 409, 429, 503]);
    for (const { status, headers } of answers) {
      expect(headers['cache-control'], String(status)).toBe('private, no-cache');
      expect(headers['vary'], String(status)).toBe(NAMED + orOrigin);
    }
  });
});
