import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { CallerAddresses } from './caller-address.js';

const addresses = new CallerAddresses(['10.0.0.0/8', '::1', 'fd00::/8']);

const keyOf = (remoteAddress: string | undefined, headers: IncomingMessage['headers'] = {}, known = addresses) =>
  known.keyOf({ socket: { remoteAddress }, headers } as IncomingMessage);

const PROXY = '10.0.0.1';

describe('the address of a caller', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    [undefined, ''],
  ])('of a connection from %s is %s', (address, key) => {
    expect(keyOf(address)).toBe(key);
  });

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:4711', '192.0.2.1'],
    ['198.51.100.1, 192.0.2.1', '192.0.2.1'],
    ['198.51.100.1,192.0.2.1,10.0.0.9 , 10.0.0.2', '192.0.2.1'],
    ['2001:db8::7', '2001:db8:0:0::/64'],
    ['[2001:db8::7]:4711', '2001:db8:0:0::/64'],
    ['10.0.0.3', '10.0.0.3'],
    ['192.0.2.1, unknown', PROXY],
    ['192.0.2.1, unknown, 10.0.0.5', '10.0.0.5'],
    ['nonsense', PROXY],
    ['', PROXY],
    [', ,', PROXY],
    ['192.0.2.1,', PROXY],
  ])('behind a proxy with X-Forwarded-For %j is %s', (header, key) => {
    expect(keyOf(PROXY, { 'x-forwarded-for': header })).toBe(key);
    expect(keyOf(`::ffff:${PROXY}`, { 'x-forwarded-for': header })).toBe(key);
  });

  it.each([
    ['for=192.0.2.1', '192.0.2.1'],
    ['For="192.0.2.1:80"', '192.0.2.1'],
    ['for=198.51.100.1, for=192.0.2.1;proto=http;by=203.0.113.43', '192.0.2.1'],
    ['proto=https; for=192.0.2.1', '192.0.2.1'],
    ['for="[2001:db8:cafe::17]:4711"', '2001:db8:cafe:0::/64'],
    ['for=192.0.2.1;secret="a, for=198.51.100.1"', '192.0.2.1'],
    ['for=192.0.2.1, for=10.0.0.2', '192.0.2.1'],
    ['for=192.0.2.1, for=_hidden', PROXY],
    ['for=192.0.2.1, by=10.0.0.1', PROXY],
    ['for="192.0.2.1', PROXY],
    ['nonsense', PROXY],
  ])('behind a proxy with Forwarded %j is %s', (header, key) => {
    expect(keyOf(PROXY, { forwarded: header })).toBe(key);
  });

  it('is that of the proxy where its two headers disagree, because one of them was passed on', () => {
    const both = (forwarded: string) => keyOf(PROXY, { forwarded, 'x-forwarded-for': '192.0.2.1' });
    expect(both('for=192.0.2.1')).toBe('192.0.2.1');
    expect(both('for=198.51.100.1')).toBe(PROXY);
    expect(both('for=unknown')).toBe(PROXY);
  });

  it('is that of the connection where that is no trusted proxy', () => {
    const headers = { 'x-forwarded-for': '192.0.2.1', forwarded: 'for=192.0.2.1' };
    expect(keyOf('203.0.113.1', headers)).toBe('203.0.113.1');
    expect(keyOf(PROXY, headers, new CallerAddresses([]))).toBe(PROXY);
  });

  it('is found in a long header, too', () => {
    const began = performance.now();
    for (const text of ['for="', ';for=', '"', '\\"', ', ', ';   ']) {
      keyOf(PROXY, { forwarded: text.repeat(16_000 / text.length), 'x-forwarded-for': text.repeat(4_000) });
    }
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
