import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, aUser, type TestOrganization } from '../support/factories.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

let app: TestApp;
let organization: TestOrganization;
let lines: string[] = [];

beforeAll(async () => {
  app = await TestApp.start({ LOG_LEVEL: 'log' }, undefined, { write: (line) => void lines.push(line) });
  organization = await anOrganization(app.dataSource);
});
afterAll(() => app.close());
beforeEach(() => (lines = []));

/** The line of the one request since the last one. */
const requestLine = async () => {
  const found = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  await vi.waitUntil(() => found().some(({ context }) => context === 'Request'));
  return found().filter(({ context }) => context === 'Request');
};

describe('the line of a request', () => {
  it('says who, what, how it ended and how long it took, and nothing else', async () => {
    const headers = { 'x-request-id': 'request-1', traceparent: `00-${TRACE}-${SPAN}-01` };
    const path = `/organization/${organization.id}`;
    await app.request('GET', `${path}?secret=1`, { as: organization.owner, headers });
    const [line, ...others] = await requestLine();
    expect(others).toStrictEqual([]);
    expect(line).toStrictEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      context: 'Request',
      method: 'GET',
      route: '/organization/:orgId',
      status: 400,
      ms: expect.any(Number) as number,
      request_id: 'request-1',
      user_id: organization.owner,
      organization_id: organization.id,
      trace_id: TRACE,
      span_id: SPAN,
    });
    expect(lines[0]).toMatch(/^[^\n]*\n$/);
  });

  it('leaves out what is not known', async () => {
    await app.request('GET', '/settings/user', { headers: { traceparent: '00-malformed' } });
    const [line] = await requestLine();
    expect(Object.keys(line!)).toStrictEqual([
      'level',
      'time',
      'context',
      'method',
      'route',
      'status',
      'ms',
      'request_id',
    ]);
    expect(line).toMatchObject({ route: '/settings/user', status: 401 });
  });

  it('names the organization also of who may not', async () => {
    const stranger = await aUser(app.dataSource);
    await app.request('GET', `/organization/${organization.id}`, { as: stranger });
    const [line] = await requestLine();
    expect(line).toMatchObject({ status: 403, user_id: stranger, organization_id: organization.id });
  });

  it.each([
    ['GET', '/ada@example.com/zulu', 404],
    ['GET', '/organization/ada@example.com', 404],
    ['PUT', '/settings/user/versions/ada@example.com', 404],
    ['TRACE', '/?ada@example.com', 404],
  ])('of %s %s shows no address', async (method, path, status) => {
    await app.request(method, path, { as: organization.owner });
    const [line] = await requestLine();
    expect(line).toMatchObject({ method, status });
    expect(lines.join()).not.toMatch(/ada@|zulu/);
  });

  it('is there for an address that cannot be decoded, too, and so is its metric', async () => {
    const { status, headers } = await app.request('GET', '/organization/%zz', { as: organization.owner });
    expect(status).toBe(404);
    const [line] = await requestLine();
    expect(line).toMatchObject({ method: 'GET', status: 404, request_id: headers['x-request-id'] });
    const { text } = await app.request('GET', '/metrics');
    await vi.waitUntil(() => lines.length === 2);
    expect(text).toMatch(/^http_request_duration_seconds_count\{.*status="404".*\} [1-9]/m);
  });

  it('has the status 499 when the caller goes away before the reply', async () => {
    const headers = { authorization: `Bearer ${app.tokenFor(organization.owner)}` };
    await app.dataSource.transaction(async (manager) => {
      await manager.query('lock table organizations in access exclusive mode');
      const signal = AbortSignal.timeout(300);
      await expect(fetch(`${app.url}/settings/organization`, { headers, signal })).rejects.toThrow('aborted');
      const [line, ...others] = await requestLine();
      expect(others).toStrictEqual([]);
      expect(line).toMatchObject({ route: '/settings/organization', status: 499 });
    });
  });
});
