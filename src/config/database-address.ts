import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { AddressError, parseAddress } from './address.js';

/** How a connection is encrypted, in the words of Node's `tls.connect`. */
export interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Where a server listens. For absent values, pg looks where libpq would. */
export type DatabaseHost = Pick<DatabaseAddress, 'host' | 'port'>;

/** What leads to a PostgreSQL database, in the words of pg. For absent values, pg looks where libpq would. */
export interface DatabaseAddress {
  /** A name, an address, or the folder of a socket. */
  readonly host?: string;
  readonly port?: number;
  /** All of several hosts; `host` and `port` are the first one's. */
  readonly hosts?: readonly DatabaseHost[];
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly ssl?: TlsOptions | false;
  readonly application_name?: string;
  readonly options?: string;
}

const SCHEMES = ['postgres', 'postgresql'];
const FILES = ['sslrootcert', 'sslcert', 'sslkey'] as const;
const PARAMETERS = ['sslmode', ...FILES, 'host', 'application_name', 'options', 'target_session_attrs'];

/** The service works with a primary only, so these say what it does anyway. */
const SESSION_ATTRIBUTES = ['read-write', 'primary'];

/**
 * Every mode except the last checks both the certificate and the name in it. That is more than PostgreSQL's own
 * programs do for `require` and `verify-ca`.
 */
const TLS_MODES = ['require', 'verify-ca', 'verify-full', 'no-verify'];

/**
 * Reads a connection URI as PostgreSQL's manual has it (§34.1.1.2), with one host or several.
 *
 * @throws AddressError
 */
export function parseDatabaseAddress(text: string): DatabaseAddress {
  const [, before, list, rest] = /^([a-z]+:\/\/(?:[^/?]*@)?)([^/?@]*)(.*)$/s.exec(text) ?? [];
  if (list?.includes(',') !== true) return parseOne(text);
  const names = list.split(',');
  if (names.includes('')) throw new AddressError('has a comma without a host on one side');
  const addresses = names.map((name) => parseOne(`${before}${name}${rest}`));
  return { ...addresses[0], hosts: addresses.map(({ host, port }) => withoutAbsent({ host, port })) };
}

function parseOne(text: string): DatabaseAddress {
  const url = parseAddress(text, SCHEMES, PARAMETERS);
  const parameter = (name: string) => url.searchParams.get(name) ?? undefined;
  const host = parameter('host') ?? decoded(url.hostname.replace(/^\[(.+)\]$/, '$1'));
  if (host?.includes(','))
    throw new AddressError('names several hosts in the parameter host: write host1:5432,host2:5432');
  const attributes = parameter('target_session_attrs');
  if (attributes !== undefined && !SESSION_ATTRIBUTES.includes(attributes)) {
    throw new AddressError(`has a target_session_attrs that does not fit: known are ${SESSION_ATTRIBUTES.join(', ')}`);
  }
  return withoutAbsent({
    host,
    port: url.port === '' ? undefined : Number(url.port),
    user: decoded(url.username),
    password: decoded(url.password),
    database: decoded(url.pathname.slice(1)),
    ssl: tlsOf(parameter('sslmode'), parameter),
    application_name: parameter('application_name'),
    options: parameter('options'),
  });
}

/** Encrypted even without a mode, if a file of a certificate or key is given. */
function tlsOf(mode: string | undefined, parameter: (name: string) => string | undefined): DatabaseAddress['ssl'] {
  if (mode === 'disable') return false;
  if (mode !== undefined && !TLS_MODES.includes(mode)) {
    throw new AddressError(`has an unknown sslmode: known are disable, ${TLS_MODES.join(', ')}`);
  }
  const [ca, cert, key] = FILES.map((name) => fileOf(name, parameter(name)));
  if ((mode ?? ca ?? cert ?? key) === undefined) return undefined;
  if ((cert === undefined) !== (key === undefined)) throw new AddressError('needs both of sslcert and sslkey');
  const options = withoutAbsent({ ca, cert, key, rejectUnauthorized: mode === 'no-verify' ? false : undefined });
  try {
    if (ca !== undefined) new X509Certificate(ca);
  } catch {
    throw new AddressError('has an sslrootcert that is no certificate in PEM');
  }
  try {
    createSecureContext(options);
  } catch {
    throw new AddressError('has an sslcert or sslkey that is none in PEM, or not one for the other');
  }
  return options;
}

function fileOf(name: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AddressError(`has an ${name} that cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

function decoded(part: string): string | undefined {
  return part === '' ? undefined : decodeURIComponent(part);
}

type Present<Record> = { [Name in keyof Record]?: Exclude<Record[Name], undefined> };

function withoutAbsent<Parts extends object>(parts: Parts): Present<Parts> {
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)) as Present<Parts>;
}
