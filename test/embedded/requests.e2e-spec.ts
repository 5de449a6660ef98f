import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { requestAt } from '../support/app.js';
import { describeDocumentedSamples } from '../support/documented-samples.js';
import { aFolder, runAdmin, ServiceProcess } from '../support/process.js';
import { askEverything, type Call } from '../tenants/tour.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let folder: Awaited<ReturnType<typeof aFolder>>;
let service: ServiceProcess;
let token: string;
let profile: { id: string; domain: string; address2: string };

beforeAll(async () => {
  folder = await aFolder();
  service = await ServiceProcess.start(folder.path);
  token = service.token('demo owner');
  const id = /Demo organization: (\S+)/.exec(service.greeting)![1]!;
  profile = { id, domain: 'acme.example', address2: 'Suite 100' };
  await call('PUT', `/organization/${id}`, { body: { address2: profile.address2 } });
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
  });

  it('keeps what many change at once', async () => {
    const keys = Array.from({ length: 32 }, (_, n) => `k${n}`);
    await call('POST', '/settings/organization', { body: { settings: {} } });
    await Promise.all(keys.map((key) => call('PUT', '/settings/organization', { body: { [key]: key } })));
    const settings = Object.fromEntries(keys.map((key) => [key, key]));
    expect(await call('GET', '/settings/organization')).toStrictEqual({ success: true, settings });
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
