import { describe, expect, it } from 'vitest';
import { AddressList, isAddressRange } from './address-list.js';

describe('an address range', () => {
  it.each(['127.0.0.1', '10.0.0.0/8', '0.0.0.0/0', '::1', 'fd00::/8', '::/0', '2001:db8::1/128'])('is %s', (range) => {
    expect(isAddressRange(range)).toBe(true);
  });

  it.each(['', 'localhost', '10.0.0.0/33', '10.0.0/8', '::/129', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/-1', '*'])(
    'is not %j',
    (range) => {
      expect(isAddressRange(range)).toBe(false);
    },
  );
});

describe('an address list', () => {
  const list = new AddressList(['127.0.0.0/8', '::1', '10.1.2.3', 'fd00::/8']);

  it.each(['127.0.0.1', '127.255.0.1', '::1', '::ffff:127.0.0.1', '10.1.2.3', '::ffff:10.1.2.3', 'fd12::9'])(
    'includes %s',
    (address) => {
      expect(list.includes(address)).toBe(true);
    },
  );

  it.each(['10.1.2.4', '::2', '::ffff:10.1.2.4', '192.168.0.1', 'fe80::1', '', undefined])('lacks %s', (address) => {
    expect(list.includes(address)).toBe(false);
  });
});
