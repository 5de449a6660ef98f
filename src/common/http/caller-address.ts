import { isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import { AddressList } from './address-list.js';

/**
 * Finds out from which address a request comes.
 *
 * It is that of the connection, unless that belongs to a trusted proxy: then it is the last one in `X-Forwarded-For` or
 * `Forwarded` (RFC 7239) that is not a trusted proxy itself. Anything further to the left was written by the sender of
 * the request, and is ignored. Where both headers are there and disagree, or say nothing, it is the proxy's, because
 * most proxies write one of them and pass the other on as it came.
 */
export class CallerAddresses {
  private readonly trusted: AddressList;

  /** @param trustedProxies addresses and ranges; each must satisfy `isAddressRange` */
  constructor(private readonly trustedProxies: readonly string[]) {
    this.trusted = new AddressList(trustedProxies);
  }

  /**
   * What requests are counted by: an IPv4 address, or the first 64 bits of an IPv6 address, which one network shares.
   */
  keyOf({ socket, headers }: IncomingMessage): string {
    const own = socket.remoteAddress ?? '';
    if (this.trustedProxies.length === 0 || !this.trusted.includes(own)) return networkOf(own);
    const { forwarded, 'x-forwarded-for': forwardedFor } = headers;
    const lists = [
      ...(forwarded === undefined ? [] : [hopsOfForwarded(forwarded)]),
      ...(forwardedFor === undefined ? [] : [String(forwardedFor).split(',').map(addressIn)]),
    ];
    const [key = networkOf(own), ...others] = lists.map((hops) => networkOf(this.lastUntrusted(own, hops)));
    return others.every((other) => other === key) ? key : networkOf(own);
  }

  /** @param hops from the caller to the nearest proxy; `undefined` for what is no address */
  private lastUntrusted(own: string, hops: readonly (string | undefined)[]): string {
    let last = own;
    for (const hop of hops.toReversed()) {
      if (hop === undefined) break;
      last = hop;
      if (!this.trusted.includes(hop)) break;
    }
    return last;
  }
}

/** The `for` of each element (RFC 7239 §4); a semicolon or comma between quotes belongs to a value. */
function hopsOfForwarded(header: string): (string | undefined)[] {
  const elements = header.match(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g) ?? [];
  return elements.map((element) => {
    const [, quoted, plain] = /(?:^|;)\s*for=(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))/i.exec(element) ?? [];
    return addressIn(quoted ?? plain ?? '');
  });
}

/** The address in `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1` and `[2001:db8::1]:4711`. */
function addressIn(node: string): string | undefined {
  const text = node.trim();
  const [, address = text] = /^\[(.*)\](?::\d+)?$/.exec(text) ?? /^([\d.]+):\d+$/.exec(text) ?? [];
  return isIP(address) === 0 ? undefined : address;
}

function networkOf(address: string): string {
  if (isIP(address) === 0) return address;
  // An IPv4 address that is mapped into IPv6 is that IPv4 address.
  const parsed = ipaddr.process(address);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString();
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
