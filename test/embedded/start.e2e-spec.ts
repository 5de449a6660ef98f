import { spawn } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { fillWithData } from '../support/embedded-data.js';
import { freePort } from '../support/free-port.js';
import { aFolder, runAdmin, runCommand, runService, ServiceProcess } from '../support/process.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

type Folder = Awaited<ReturnType<typeof aFolder>>;

let folder: Folder;
let running: ServiceProcess[];

beforeEach(async () => {
  folder = await aFolder();
  running = [];
});
afterEach(async () => {
  for (const service of running) await service.kill('SIGKILL');
  await folder.remove();
});

const fill = (name?: string) => fillWithData(folder.path, name);

const start = async (variables?: Record<string, string>) => {
  const service = await ServiceProcess.start(folder.path, variables);
  running.push(service);
  return service;
};

const call = async (service: ServiceProcess, token: string, method: string, path: string, body?: unknown) => {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const answer = await fetch(`${service.url}${path}`, {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
};

describe('without a DATABASE_URL', () => {
  it('prints how to try it, and that works when pasted', async () => {
    const service = await start();
    expect(service.greeting).toContain(`Swagger UI:  ${service.url}/docs`);
    expect(service.greeting).toContain('for development');
    const pasted = /^curl .*$/m.exec(service.greeting)?.[0] ?? '';
    const { stdout } = await runCommand('sh', ['-c', `${pasted} --silent`], folder.path);
    expect(JSON.parse(stdout)).toStrictEqual({
      success: true,
      message: 'Organization settings partially updated successfully',
    });
    const asMember = await call(service, service.token('plain member'), 'GET', '/settings/organization');
    expect(asMember.body).toMatchObject({ success: true, settings: { security: { requireMFA: true } } });
    const refused = await call(service, service.token('plain member'), 'PUT', '/settings/organization', {});
    expect(refused.status).toBe(403);
    expect(statSync(join(folder.path, '.data', 'jwt-secret')).mode & 0o777).toBe(0o600);
  });

  it('starts with LOG_LEVEL=info, which it calls log', async () => {
    await fill();
    expect((await start({ LOG_LEVEL: 'info' })).greeting).toContain('Swagger UI:');
  });

  it('keeps data and tokens over a restart', async () => {
    await fill();
    const first = await start();
    const token = first.token('demo owner');
    await call(first, token, 'PUT', '/settings/user', { kept: 1 });
    expect(await first.kill('SIGTERM')).toBe(0);
    const second = await start();
    expect((await call(second, token, 'GET', '/settings/user')).body).toStrictEqual({
      success: true,
      settings: { kept: 1 },
    });
    const [exp = 0] = [JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { exp: number }].map(
      (claims) => claims.exp,
    );
    expect(exp - Date.now() / 1000).toBeGreaterThan(29.9 * 86_400);
  });

  it('keeps every acknowledged change over kill -9 in the middle of writing, and starts again', async () => {
    await fill();
    const first = await start();
    const token = first.token('demo owner');
    const acknowledged: number[] = [];
    const writing = (async () => {
      for (let n = 0; ; n++) {
        const { status } = await call(first, token, 'PUT', '/settings/user', { [`n${n}`]: n });
        if (status === 200) acknowledged.push(n);
      }
    })().catch(() => undefined);
    await vi.waitUntil(() => acknowledged.length > 20, { timeout: 30_000 });
    await first.kill('SIGKILL');
    await writing;
    const second = await start();
    const { body } = await call(second, token, 'GET', '/settings/user');
    const { settings } = body as { settings: Record<string, number> };
    for (const n of acknowledged) expect(settings[`n${n}`]).toBe(n);
  });

  it('ends in time although a client is in the middle of a request', async () => {
    await fill();
    const service = await start();
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('PUT /settings/user HTTP/1.1\r\nHost: x\r\nContent-');
    await new Promise((wake) => setTimeout(wake, 100));
    const asked = performance.now();
    expect(await service.kill('SIGTERM')).toBe(0);
    expect(performance.now() - asked).toBeLessThan(9_000);
    socket.destroy();
  });

  it('ends with the npm that started it', async () => {
    await fill();
    const port = String(await freePort());
    const env = { ...process.env, DATA_DIR: join(folder.path, '.data'), PORT: port, DATABASE_URL: '' };
    const npm = spawn('npm', ['start'], { env, stdio: 'ignore' });
    onTestFinished(() => void npm.kill('SIGTERM'));
    const isUp = () =>
      fetch(`http://127.0.0.1:${port}/health/live`).then(
        () => true,
        () => false,
      );
    await vi.waitUntil(isUp, { timeout: 120_000, interval: 100 });
    npm.kill('SIGTERM');
    await vi.waitUntil(async () => !(await isUp()), { timeout: 10_000, interval: 100 });
  });

  it.each(['', 'abc'])('refuses a secret that is none: "%s"', async (secret) => {
    mkdirSync(join(folder.path, '.data'));
    writeFileSync(join(folder.path, '.data', 'jwt-secret'), secret);
    const { code, stderr } = await runService(folder.path, { PORT: '0' });
    expect(code).toBe(1);
    expect(stderr).toBe('.data/jwt-secret holds no usable secret: delete it, and a new one is made\n');
  });

  it('refuses a folder that another process works in', async () => {
    await fill();
    await start();
    const { code, stderr } = await runService(folder.path, { PORT: '0' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The embedded database in \.data is in use by another process \(pid \d+\)\n$/);
  });

  it('reads .env, which the environment overrules', async () => {
    await fill('elsewhere');
    writeFileSync(join(folder.path, '.env'), 'DATA_DIR=elsewhere\nPORT=1\n');
    const service = await start();
    expect(service.greeting).toContain('database in elsewhere');
  });
});

describe('a wrong start', () => {
  it('in production lacks a line for each missing variable, and makes nothing', async () => {
    const { code, stderr, stdout } = await runService(folder.path, { NODE_ENV: 'production' });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toBe(
      'DATABASE_URL is required in production\nJWT_SECRET or JWT_JWKS_URI is required in production\n',
    );
    expect(() => statSync(join(folder.path, '.data'))).toThrow('ENOENT');
  });

  it('has one line for each wrong variable', async () => {
    const { code, stderr } = await runService(folder.path, {
      PORT: 'http',
      DATABASE_URL: 'mysql://x',
      JWT_SECRET: 'short',
      MIGRATE_ON_START: 'yes',
      LOG_LEVEL: 'loud',
      CORS_ORIGINS: 'https://a.example.com,*',
    });
    expect(code).toBe(1);
    const lines = stderr.trim().split('\n');
    for (const name of ['PORT', 'DATABASE_URL', 'JWT_SECRET', 'MIGRATE_ON_START', 'LOG_LEVEL', 'CORS_ORIGINS']) {
      expect(
        lines.filter((line) => line.startsWith(name)),
        name,
      ).toHaveLength(1);
    }
    expect(lines).toHaveLength(6);
  });

  it('has two sources of keys', async () => {
    const { code, stderr } = await runService(folder.path, {
      JWT_SECRET: 'a secret that only the tests know, long enough',
      JWT_JWKS_URI: 'https://id.example.com/jwks',
      JWT_ISSUER: 'https://id.example.com',
      JWT_AUDIENCE: 'settings',
    });
    expect(code).toBe(1);
    expect(stderr).toBe('JWT_SECRET and JWT_JWKS_URI exclude each other: configure one of them\n');
  });

  it('says so when the port is taken', async () => {
    await fill();
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => taken.once('listening', listening));
    const { port } = taken.address() as { port: number };
    const { code, stderr } = await runService(folder.path, { PORT: String(port) });
    taken.close();
    expect(code).toBe(1);
    expect(stderr).toBe(`Port ${port} on 127.0.0.1 is already in use: set PORT to another one\n`);
  });
});

describe('a database that cannot be', () => {
  it('is named in one line', async () => {
    const { code, stderr } = await runService(folder.path, { DATA_DIR: '/dev/null/nothing' });
    expect(code).toBe(1);
    expect(stderr).toBe("ENOTDIR: not a directory, mkdir '/dev/null/nothing'\n");
  });

  it('is not waited for by the administration command', async () => {
    const away = { DATABASE_URL: 'postgres://postgres@127.0.0.1:1/nothing' };
    const { code, stdout, stderr } = await runAdmin(folder.path, ['list-users'], away);
    expect({ code, stdout }).toStrictEqual({ code: 1, stdout: '' });
    expect(stderr).toBe('The database cannot be reached: connect ECONNREFUSED 127.0.0.1:1\n');
  });
});
