import { AddressError, parseAddress } from './address.js';

const SCHEMES = ['redis', 'rediss'];

/**
 * Checks the address of a Redis: host, port, user, password and the number of a database.
 *
 * @throws AddressError
 */
export function requireRedisAddress(text: string): void {
  const { pathname } = parseAddress(text, SCHEMES, ['family']);
  if (!/^\/?\d{0,5}$/.test(pathname)) throw new AddressError('has a path that is not the number of a database');
}
