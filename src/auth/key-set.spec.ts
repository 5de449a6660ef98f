import { generateKeyPairSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Logger } from '@nestjs/common';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeyServer } from '../../test/support/key-server.js';
import { KeySet, MAX_STALE_MS } from './key-set.js';

/** Looks inside, because it moves the clocks: a day goes by, and ten seconds often. */

const aKey = (kid: string) => ({
  ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }),
  kid,
});
const HOUR_MS = 3600 * 1000;

let server: KeyServer;
let keys: KeySet;
let warn: ReturnType<typeof vi.spyOn>;

beforeAll(() => {
  Logger.overrideLogger(false);
});
beforeEach(async () => {
  warn = vi.spyOn(Logger.prototype, 'warn');
  server = await KeyServer.start([aKey('a')]);
  keys = new KeySet(server.url, HOUR_MS);
});
afterEach(async () => {
  keys.onModuleDestroy();
  await server.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const knows = (kid: string) =>
  keys.find({ alg: 'EdDSA', kid }).then(
    () => true,
    () => false,
  );
/** Lets the clocks go on that the keys look at; fetching keeps those that it has. */
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);
const fakeClocks = () => vi.useFakeTimers({ toFake: ['Date', 'performance'] });

describe('the keys of a provider', () => {
  it('are fetched once for all who wait for the first ones', async () => {
    keys.onModuleInit();
    expect(await Promise.all(Array.from({ length: 50 }, () => knows('a')))).not.toContain(false);
    expect(server.hits).toBe(1);
  });

  it('are fetched for an unknown one, and then not again for ten seconds', async () => {
    fakeClocks();
    expect(await knows('a')).toBe(true);
    server.publish([aKey('a'), aKey('b')]);
    expect(await knows('b')).toBe(false);
    await pass(10_000);
    expect(await knows('b')).toBe(true);
    expect(await knows('c')).toBe(false);
    expect(server.hits).toBe(2);
  });

  it('are fetched for an unknown one right after they were fetched in the background', async () => {
    keys.onModuleInit();
    expect(await knows('a')).toBe(true);
    server.publish([aKey('b')]);
    expect(await knows('b')).toBe(true);
    expect(await knows('a')).toBe(false);
    expect(server.hits).toBe(2);
  });

  it('are refreshed without being asked for', async () => {
    keys.onModuleDestroy();
    keys = new KeySet(server.url, 20);
    keys.onModuleInit();
    expect(await knows('a')).toBe(true);
    server.publish([aKey('b')]);
    await vi.waitUntil(async () => !(await knows('a')));
    expect(await knows('b')).toBe(true);
  });

  it('keep what they verified until they change', async () => {
    fakeClocks();
    const { verified } = await keys.find({ alg: 'EdDSA', kid: 'a' });
    expect(keys.verified).toBe(verified);
    server.publish([aKey('b')]);
    await pass(10_000);
    expect(await knows('b')).toBe(true);
    expect(keys.verified).not.toBe(verified);
  });

  it('stay in use for a day while nobody can confirm them', async () => {
    fakeClocks();
    expect(await knows('a')).toBe(true);
    server.answer = (_, response) => response.writeHead(503).end();
    expect([keys.isUp, keys.isUsable]).toStrictEqual([true, true]);
    await pass(MAX_STALE_MS - 1_000);
    expect(await knows('a')).toBe(true);
    expect(await knows('b')).toBe(false);
    expect(keys.verified).toBeDefined();
    expect([keys.isUp, keys.isUsable]).toStrictEqual([false, true]);
    await pass(1_000);
    expect(await knows('a')).toBe(false);
    expect(keys.verified).toBeUndefined();
    expect([keys.isUp, keys.isUsable]).toStrictEqual([false, false]);
    server.publish([aKey('a')]);
    await pass(10_000);
    expect(await knows('a')).toBe(true);
  });
});

describe('an answer that is none', () => {
  const set = JSON.stringify({ keys: [aKey('x')] });
  const padded = JSON.stringify({ keys: [aKey('x')], padding: ' '.repeat(300_000) });

  it.each<[string, KeyServer['answer'], string]>([
    ['another status', (_, response) => response.writeHead(404).end(set), 'the status is 404'],
    ['no JSON', (_, response) => response.end('<html>'), 'not valid JSON'],
    ['no set', (_, response) => response.end('{"keys":{}}'), 'JSON Web Key Set malformed'],
    ['too much', (_, response) => response.end(padded), 'more than 262144 bytes'],
    [
      'too much, compressed',
      (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(padded)),
      'more than 262144 bytes',
    ],
    [
      'a way to somewhere else',
      ({ url }, response) =>
        url === '/moved' ? response.end(set) : response.writeHead(302, { location: '/moved' }).end(),
      'redirect',
    ],
    ['no end', (_, response) => response.write('{"keys":['), 'no answer within 3000 ms'],
    ['nothing', () => undefined, 'no answer within 3000 ms'],
  ])('leaves the keys as they were: %s', async (_, answer, reason) => {
    expect(await knows('a')).toBe(true);
    const { verified } = keys;
    server.answer = answer;
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 10_000);
    const asked = Date.now();
    expect(await knows('x')).toBe(false);
    expect(Date.now() - asked).toBeLessThan(4_000);
    expect(await knows('a')).toBe(true);
    expect(keys.verified).toBe(verified);
    expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining(reason));
  });

  it('is not waited for at the end', async () => {
    server.answer = () => undefined;
    keys.onModuleInit();
    const asked = performance.now();
    const waiting = knows('a');
    keys.onModuleDestroy();
    expect(await waiting).toBe(false);
    expect(performance.now() - asked).toBeLessThan(1_000);
    expect(warn).not.toHaveBeenCalled();
  });
});
