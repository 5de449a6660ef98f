import { request } from 'node:http';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { aFolderWithData } from '../support/embedded-data.js';
import { ServiceProcess } from '../support/process.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 240_000 });

let folder: Awaited<ReturnType<typeof aFolderWithData>>;
let service: ServiceProcess;
let key: string;

beforeAll(async () => {
  folder = await aFolderWithData();
  service = await ServiceProcess.start(folder.path);
  key = /#demo=([\w-]{24})$/m.exec(service.greeting)![1]!;
});
afterAll(async () => {
  await service.kill('SIGTERM');
  await folder.remove();
});

interface Reply {
  readonly status: number;
  readonly cacheControl: string | undefined;
  readonly body: { users?: { email: string; role: string; token: string }[]; message?: string };
}

/** `fetch` chooses the `Host` itself. */
function ask(headers: Record<string, string>): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { port, host } = new URL(service.url);
    const asked = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/console/demo',
      headers: { host, ...headers },
    });
    asked.on('response', (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      reply.on('end', () =>
        resolve({
          status: reply.statusCode!,
          cacheControl: reply.headers['cache-control'],
          body: JSON.parse(text) as Reply['body'],
        }),
      );
    });
    asked.on('error', reject).end();
  });
}

it('gives a token of each demo user, for the key that the start prints', async () => {
  const { status, cacheControl, body } = await ask({ authorization: `Bearer ${key}` });
  expect(status).toBe(200);
  expect(cacheControl).toBe('no-store');
  expect(body.users!.map(({ role }) => role)).toStrictEqual([
    'OWNER',
    'ADMINISTRATOR',
    'WORKSPACES',
    'BILLING',
    'USER',
  ]);
  for (const { email, token } of body.users!) {
    const profile = await fetch(`${service.url}/user/profile`, { headers: { authorization: `Bearer ${token}` } });
    expect(await profile.json()).toMatchObject({ data: { email } });
  }
});

it.each([
  ['no key', () => ({}), 401],
  ['another key', () => ({ authorization: 'Bearer AAAAAAAAAAAAAAAAAAAAAAAA' }), 401],
  ['a token', () => ({ authorization: `Bearer ${service.token('demo owner')}` }), 401],
  ['the key, at a name that was led here', () => ({ authorization: `Bearer ${key}`, host: 'evil.example:3000' }), 404],
  [
    'the key, from a page of another port',
    () => ({ authorization: `Bearer ${key}`, origin: 'http://localhost:1' }),
    404,
  ],
  ['the key, from a page of nowhere', () => ({ authorization: `Bearer ${key}`, origin: 'null' }), 404],
])('gives nothing for %s', async (_, headers, status) => {
  const answer = await ask(headers());
  expect(answer.status).toBe(status);
  expect(answer.body.users).toBeUndefined();
});

it('takes each name of this machine, and a page of the service itself', async () => {
  const { port } = new URL(service.url);
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`]) {
    const answer = await ask({ authorization: `Bearer ${key}`, host, origin: `http://${host}` });
    expect(answer.status, host).toBe(200);
  }
});

it('has another key at each start', async () => {
  await service.kill('SIGTERM');
  service = await ServiceProcess.start(folder.path);
  expect((await ask({ authorization: `Bearer ${key}` })).status).toBe(401);
});
