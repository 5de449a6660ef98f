import { BlockList, isIP } from 'node:net';

/** Whether a text is an IP address or a range of them in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3). */
export function isAddressRange(text: unknown): boolean {
  const [, address = '', bits = '0'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(String(text)) ?? [];
  return isIP(address) !== 0 && Number(bits) <= (isIP(address) === 6 ? 128 : 32);
}

/**
 * IP addresses and ranges that a caller's address is looked up in; an IPv4 address mapped into IPv6 counts as itself.
 */
export class AddressList {
  private readonly list = new BlockList();

  /** @param ranges each must satisfy `isAddressRange` */
  constructor(ranges: readonly string[]) {
    for (const range of ranges) {
      const [address = '', bits] = range.split('/');
      if (bits === undefined) this.list.addAddress(address, familyOf(address));
      else this.list.addSubnet(address, Number(bits), familyOf(address));
    }
  }

  includes(address = ''): boolean {
    return isIP(address) !== 0 && this.list.check(address, familyOf(address));
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
