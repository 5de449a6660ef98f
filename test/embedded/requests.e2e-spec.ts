import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { requestAt } from '../support/app.js';
import { describeDocumentedSamples } from '../support/documented-samples.js';
import { aFolderWithData } from '../support/embedded-data.js';
import { runAdmin, ServiceProcess } from '../support/process.js';
import { askEverything, type Call } from '../tenants/tour.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let folder: Awaited<ReturnType<typeof aFolderWithData>>;
let service: ServiceProcess;
let token: string;
let profile: { id: string; domain: string; address2: string };

beforeAll(async () => {
  folder = await aFolderWithData();
  service = await ServiceProcess.start(folder.path);
  token = service.token('demo owner');
  const id = /Demo organization: (\S+)/.exec(service.greeting)![1]!;
  profile = { id, domain: 'acme.example', address2: 'Suite 100' };
});
afterAll(async () => {
  await service.kill('SIGKILL');
  await folder.remove();
});

const call: Call = async (method, path, options = {}) => {
  const answer = await requestAt(service.url, method, path, options, token);
  expect(answer.status, `${method} ${path} ${answer.text}`).toBe(200);
  return answer.body;
};

describe('the embedded database', () => {
  it('answers every request', async () => {
    for (const path of ['/', '/health', '/health/live', '/metrics', '/openapi.json']) await call('GET', path);
    await askEverything(call, profile.id);
    await call('PUT', `/organization/${profile.id}`, { body: { address2: profile.address2 } });
  });

  it('keeps what many change at once', async () => {
    const keys = Array.from({ length: 32 }, (_, n) => `k${n}`);
    await call('POST', '/settings/organization', { body: { settings: {} } });
    await Promise.all(keys.map((key) => call('PUT', '/settings/organization', { body: { [key]: key } })));
    const settings = Object.fromEntries(keys.map((key) => [key, key]));
    expect(await call('GET', '/settings/organization')).toStrictEqual({ success: true, settings });
  });
});

describe('pages of the same machine', () => {
  const PAGES = ['http://localhost:5173', 'http://127.0.0.1:8080', 'http://[::1]:4200', 'http://localhost'];
  const OTHERS = [
    'null',
    'https://app.example.com',
    'https://localhost:5173',
    'http://localhost.example.com',
    'http://localhost:5173.example.com',
    'http://127.0.0.10:80',
    'http://example.com/http://localhost:1',
  ];
  const allowedTo = async (origin: string, path: string) => {
    const { headers } = await requestAt(service.url, 'GET', path, { headers: { origin } }, token);
    expect(headers['vary'], path).toContain('Origin');
    return headers['access-control-allow-origin'];
  };

  it('may read the replies, and others may not', async () => {
    for (const path of ['/', '/settings/user', '/settings/organization', '/nothing']) {
      for (const origin of PAGES) expect(await allowedTo(origin, path), path).toBe(origin);
      for (const origin of OTHERS) expect(await allowedTo(origin, path), `${origin} ${path}`).toBeUndefined();
    }
  });

  it('may send every method', async () => {
    const headers = { origin: PAGES[0]!, 'access-control-request-method': 'PATCH' };
    const answer = await requestAt(service.url, 'OPTIONS', '/settings/user', { headers });
    expect(answer.status).toBe(204);
    expect(answer.headers['access-control-allow-origin']).toBe(PAGES[0]);
  });

  it('may not where other origins are named', async () => {
    const elsewhere = await aFolderWithData();
    const other = await ServiceProcess.start(elsewhere.path, { CORS_ORIGINS: 'https://app.example.com' });
    const answer = await requestAt(other.url, 'GET', '/', { headers: { origin: PAGES[0]! } });
    await other.kill('SIGKILL');
    await elsewhere.remove();
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describeDocumentedSamples('the documented samples, on the embedded database', () => {
  return { url: service.url, token, profile };
});

describe('the administration command', () => {
  it('steps back while the service runs there, but still issues tokens by id', async () => {
    const refused = await runAdmin(folder.path, ['list-users']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /^The embedded database in \.data is in use by another process \(pid \d+\): stop the service first, or let both use a PostgreSQL server \(DATABASE_URL\)\n$/,
    );
    const issued = await runAdmin(folder.path, ['issue-token', '--user', 'somebody']);
    expect(issued.code).toBe(0);
    expect((await requestAt(service.url, 'GET', '/settings/user', {}, issued.stdout.trim())).status).toBe(404);

    expect(await service.kill('SIGTERM')).toBe(0);
    const { stdout } = await runAdmin(folder.path, ['list-users']);
    expect(JSON.parse(stdout)).toHaveLength(5);
  });
});
