import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { TableLock } from '../support/table-lock.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
  organization = await anOrganization(app.dataSource);
});
afterAll(() => app.close());

const metrics = async () => (await app.request('GET', '/metrics')).text.split('\n');

/** The value on the line with this name and exactly these labels. */
const valueOf = async (series: string) => {
  const line = (await metrics()).find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

describe('/metrics', () => {
  it('is in the text format of Prometheus', async () => {
    const answer = await app.request('GET', '/metrics');
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    for (const line of answer.text.trim().split('\n').filter(Boolean)) {
      expect(line).toMatch(
        /^(# (HELP|TYPE) [a-z_0-9]+ .+|[a-z_0-9]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [-+.\deNaIf]+)$/i,
      );
    }
  });

  it('has nothing that docs/operations.md does not list with its type', async () => {
    const documented = readFileSync('docs/operations.md', 'utf8').split('\n');
    const types = (await metrics()).flatMap((line) => /^# TYPE (\w+) (\w+)$/.exec(line)?.slice(1).join(' ') ?? []);
    const missing = types.filter((type) => {
      const [name, kind] = type.split(' ');
      return !documented.some((row) => row.includes(`\`${name}\``) && new RegExp(`\\| ${kind} +\\|`).test(row));
    });
    expect(types.length).toBeGreaterThan(20);
    expect(missing).toStrictEqual([]);
  });

  it('counts requests by method, route pattern and status', async () => {
    const count =
      'http_request_duration_seconds_count{method="GET",route="/settings/organization/versions/:version/diff"';
    const [read, refused] = [`${count},status="200"}`, `${count},status="401"}`];
    await app.request('PUT', '/settings/organization', { as: organization.owner, body: { a: 1 } });
    const path = '/settings/organization/versions/1/diff';
    const before = [(await valueOf(read)) ?? 0, (await valueOf(refused)) ?? 0] as const;
    for (const from of [0, 1, 0]) await app.request('GET', `${path}?from=${from}`, { as: organization.owner });
    await app.request('GET', path);
    expect(await valueOf(read)).toBe(before[0] + 3);
    expect(await valueOf(refused)).toBe(before[1] + 1);
  });

  it('has one route for all that no route knows', async () => {
    for (const path of ['/a', '/b/c', '/wp-login.php?x=1', '/%zz']) await app.request('GET', path);
    expect(await valueOf('http_request_duration_seconds_count{method="GET",route="unknown",status="404"}')).toBe(4);
    expect((await metrics()).join()).not.toMatch(/wp-login|zz/);
  });

  it('shows what runs, the database and the process', async () => {
    expect(await valueOf('http_requests_in_flight')).toBe(1);
    expect(await valueOf('database_up')).toBe(1);
    expect(await valueOf('nodejs_eventloop_lag_p99_seconds')).toBeTypeOf('number');
    expect(await valueOf('process_resident_memory_bytes')).toBeGreaterThan(0);
  });

  it('shows the connections to the database', async () => {
    const lock = await TableLock.hold(app.dataSource, 'user_settings');
    const waiting = app.request('GET', '/settings/user', { as: organization.user });
    try {
      await lock.isWaitedFor();
      const lines = await metrics();
      const [total, idle, max, waiting] = ['connections', 'connections_idle', 'connections_max', 'waiting'].map(
        (name) => Number(lines.find((line) => line.startsWith(`database_pool_${name} `))?.split(' ')[1]),
      );
      expect(total! - idle!).toBeGreaterThan(0);
      expect({ max, waiting }).toStrictEqual({ max: 12, waiting: 0 });
    } finally {
      await lock.release();
      await waiting;
    }
  });
});

describe('who may collect metrics', () => {
  const NOT_FOUND = { success: false, message: 'Not found' };

  it('is not who has another address, whatever they say about it', async () => {
    const closed = await TestApp.start({ METRICS_ALLOWED_FROM: '10.99.0.0/16' });
    const headers = { 'x-forwarded-for': '10.99.0.1', forwarded: 'for=10.99.0.1', 'x-real-ip': '10.99.0.1' };
    const answer = await closed.request('GET', '/metrics', { headers });
    await closed.close();
    expect(answer.status).toBe(404);
    expect(answer.body).toStrictEqual(NOT_FOUND);
  });

  const address = Object.values(networkInterfaces())
    .flatMap((addresses = []) => addresses)
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

  it.runIf(address !== undefined)('is by default only the same machine, by its loopback address', async () => {
    const listening = await TestApp.start({ HOST: '0.0.0.0' });
    const port = new URL(listening.url).port;
    const foreign = await fetch(`http://${address}:${port}/metrics`);
    const local = await fetch(`http://127.0.0.1:${port}/metrics`);
    await listening.close();
    expect({ status: foreign.status, body: await foreign.json() }).toStrictEqual({ status: 404, body: NOT_FOUND });
    expect(local.status).toBe(200);
  });
});
