/** An address that cannot be what was meant. The message completes a sentence that begins with the variable's name. */
export class AddressError extends Error {}

/**
 * Takes an address apart, and refuses what a reader of URLs would take for something else: what follows a `#` would be
 * dropped, a blank removed, a password with a slash read as a host and a path. No message has any part of the address
 * but the name of a parameter, because each other part may be a piece of the password.
 *
 * @param parameters those that are known
 * @throws AddressError
 */
export function parseAddress(text: string, schemes: readonly string[], parameters: readonly string[]): URL {
  const [scheme, rest = ''] = splitOnce(text, '://');
  if (!schemes.includes(scheme) || rest === '') {
    throw new AddressError(`must be a ${schemes.map((known) => `${known}://`).join(' or ')} address`);
  }
  // eslint-disable-next-line no-control-regex
  if (/[\s\u0000-\u001f\u007f]/.test(text)) throw new AddressError('has a blank or a line end: write a blank as %20');
  if (text.includes('#')) throw new AddressError('has a #: write it as %23');
  if (/%(?![0-9a-f]{2})/i.test(text) || !isDecodable(text)) {
    throw new AddressError('has a % that begins no character: write it as %25');
  }
  const [authority] = rest.split(/[/?]/, 1) as [string];
  if (rest.slice(authority.length).includes('@')) {
    throw new AddressError('has an @ behind the host: in a name or password write / as %2F, ? as %3F, and @ as %40');
  }
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (host.includes(',')) throw severalHosts();
  const url = urlOf(text);
  if (url === undefined || url.port === '0') {
    throw new AddressError('is no address: see that host and port are right, and : in a name or password is %3A');
  }
  for (const name of url.searchParams.keys()) {
    if (!parameters.includes(name)) throw unknownParameter(name, parameters);
    if (url.searchParams.getAll(name).length > 1) throw new AddressError(`has the parameter ${name} twice`);
  }
  return url;
}

function severalHosts(): AddressError {
  return new AddressError('names several hosts: give the one address that leads to the primary');
}

function unknownParameter(name: string, known: readonly string[]): AddressError {
  // Anything else could be the rest of a password that a ? cut off.
  const quoted = /^[a-z][a-z_]{0,39}$/i.test(name) ? ` ${name}` : '';
  const list = known.length === 0 ? 'none is known' : `known are ${known.join(', ')}`;
  return new AddressError(`has an unknown parameter${quoted}: ${list}`);
}

function isDecodable(text: string): boolean {
  try {
    return !decodeURIComponent(text).includes('\0');
  } catch {
    return false;
  }
}

/** A user without a host is nothing that `URL` takes; the host is a parameter then, or this machine. */
function urlOf(text: string): URL | undefined {
  const named = text.replace(/^([^/]+:\/\/[^/?]*@)(?=[/?]|$)/, '$1localhost');
  return URL.canParse(named) ? new URL(named) : undefined;
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
