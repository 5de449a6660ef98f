import { existsSync, readFileSync } from 'node:fs';
import { plainToInstance, Transform } from 'class-transformer';
import {
  getMetadataStorage,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  Min,
  MinLength,
  ValidateBy,
  validateSync,
} from 'class-validator';
import { AddressList, isAddressRange } from '../common/http/address-list.js';
import { messagesOf } from '../common/validation/validate-dto.js';
import { AddressError } from './address.js';
import { type DatabaseAddress, parseDatabaseAddress } from './database-address.js';
import { parseDotEnv } from './dot-env.js';
import { requireRedisAddress } from './redis-address.js';
import { warningsOfSimilarNames } from './similar-names.js';

/** A key for HS256 is at least as long as its hash (RFC 7518 §3.2). */
export const MIN_SECRET_LENGTH = 32;

/** What fits a jsonb value. */
const MAX_BYTES = 255 * 1024 * 1024;

/** A larger document could not be judged by a policy in the time that a check may take. */
const MAX_SETTINGS_BYTES = 4 * 1024 * 1024;

/** Host names of this machine, as `URL` spells them. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Pages that are served on this machine, at any port. */
const LOCAL_ORIGIN = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const HTTP_ADDRESS = { protocols: ['http', 'https'], require_protocol: true, require_tld: false };

/** Environment variables are text: a number's digits become a number, anything else is left for the validator. */
const Numeric = () => Transform(({ value }) => (/^\d+$/.test(String(value)) ? Number(value) : (value as unknown)));
const Flag = () => Transform(({ value }) => ({ true: true, false: false })[String(value)] ?? (value as unknown));

/** @param parse throws an `AddressError` where the text is no address */
const IsAddress = (parse: (text: string) => unknown) =>
  ValidateBy({
    name: 'isAddress',
    validator: {
      validate: (text: string) => problemOfAddress(parse, text) === undefined,
      defaultMessage: (about) => `$property ${problemOfAddress(parse, about?.value as string)}`,
    },
  });

const AddressRanges = (name: string) =>
  ValidateBy(
    {
      name: 'isAddressRange',
      validator: {
        validate: isAddressRange,
        defaultMessage: () => `${name} must be addresses or ranges such as 10.0.0.0/8, separated by commas`,
      },
    },
    { each: true },
  );

/**
 * Everything that can be configured, with its default. Read once at the start; nothing else reads `process.env`.
 */
export class Environment {
  @IsIn(['development', 'production', 'test'])
  NODE_ENV: 'development' | 'production' | 'test' = 'development';

  /** The address to listen on. */
  @IsString()
  HOST: string = '127.0.0.1';

  /** The TCP port to listen on; 0 takes a free one. */
  @Numeric()
  @IsInt()
  @Min(0)
  @Max(65535)
  PORT: number = 3000;

  /** The PostgreSQL server, as a connection URI. Absent: the embedded database under `DATA_DIR`. */
  @IsOptional()
  @IsAddress(parseDatabaseAddress)
  DATABASE_URL?: string;

  /** The same database as a role that may change the schema. Absent: `DATABASE_URL`. */
  @IsOptional()
  @IsAddress(parseDatabaseAddress)
  MIGRATION_DATABASE_URL?: string;

  /** Bring the schema up to date at the start. Several instances may do so at once. */
  @Flag()
  @IsBoolean({ message: 'MIGRATE_ON_START must be true or false' })
  MIGRATE_ON_START: boolean = false;

  /** The most connections that this instance holds to PostgreSQL. */
  @Numeric()
  @IsInt()
  @Min(3)
  @Max(1000)
  DATABASE_POOL_SIZE: number = 12;

  /**
   * Whether each connection prepares a statement once, under a name. Not through a pooler that hands out sessions by
   * transaction and does not know the names.
   */
  @Flag()
  @IsBoolean({ message: 'DATABASE_PREPARED_STATEMENTS must be true or false' })
  DATABASE_PREPARED_STATEMENTS: boolean = true;

  /**
   * Whether reads, or changes, that wait at the same time share a statement, whoever they are about. Not where the rows
   * are distributed by their owner: a statement about many owners would ask every node.
   */
  @Flag()
  @IsBoolean({ message: 'DATABASE_SHARED_STATEMENTS must be true or false' })
  DATABASE_SHARED_STATEMENTS: boolean = true;

  /** How many requests may wait for the database; then those of callers who have one waiting are turned away (503). */
  @Numeric()
  @IsInt()
  @Min(1)
  @Max(100_000)
  DATABASE_QUEUE_SIZE: number = 256;

  /**
   * How many seconds a minute what takes long in the database may run for one caller: large documents, patches,
   * restores, the history, events. 0 for no limit. Counted by each instance.
   */
  @Numeric()
  @IsInt()
  @Min(0)
  @Max(600)
  DATABASE_TIME_PER_CALLER: number = 20;

  /** The same for all who work on the rows of one organization, or one user. */
  @Numeric()
  @IsInt()
  @Min(0)
  @Max(600)
  DATABASE_TIME_PER_OWNER: number = 40;

  /** The folder of the embedded database and of the generated secret. */
  @IsString()
  @MinLength(1)
  DATA_DIR: string = '.data';

  /** The HS256 key that signs and verifies tokens: at least 32 characters (RFC 7518 §3.2). */
  @IsOptional()
  @MinLength(MIN_SECRET_LENGTH, {
    message: `JWT_SECRET must have at least ${MIN_SECRET_LENGTH} characters (RFC 7518 §3.2)`,
  })
  JWT_SECRET?: string;

  /** The key before `JWT_SECRET`: while that is exchanged, tokens that this one signed are accepted, too. */
  @IsOptional()
  @MinLength(MIN_SECRET_LENGTH, {
    message: `JWT_SECRET_PREVIOUS must have at least ${MIN_SECRET_LENGTH} characters (RFC 7518 §3.2)`,
  })
  JWT_SECRET_PREVIOUS?: string;

  /** Where an identity provider publishes its keys (RFC 7517), in the place of `JWT_SECRET`. */
  @IsOptional()
  @ValidateBy({
    name: 'isKeysAddress',
    validator: {
      validate: isKeysAddress,
      defaultMessage: () =>
        'JWT_JWKS_URI must be an https:// address without credentials, or http:// on a loopback host',
    },
  })
  JWT_JWKS_URI?: string;

  /** The `iss` of the provider's tokens, letter for letter. */
  @IsOptional()
  @IsString()
  JWT_ISSUER?: string;

  /** What the `aud` of a token for this service is, or holds. */
  @IsOptional()
  @IsString()
  JWT_AUDIENCE?: string;

  /** After how many seconds the provider's keys are fetched anew: how long a key that it withdrew still works. */
  @Numeric()
  @IsInt()
  @Min(1)
  @Max(3600)
  JWT_JWKS_REFRESH_SECONDS: number = 300;

  /** How far the clocks of this service and of who issues tokens may be apart, in seconds. */
  @Numeric()
  @IsInt()
  @Min(0)
  @Max(30)
  JWT_CLOCK_TOLERANCE_SECONDS: number = 5;

  /**
   * Whether the first token of a member who was invited may have another subject than their id: their verified email
   * tells who they are, once (docs/members.md).
   */
  @Flag()
  @IsBoolean({ message: 'JWT_LINK_BY_EMAIL must be true or false' })
  JWT_LINK_BY_EMAIL: boolean = false;

  /** The claim with the email. */
  @IsString()
  JWT_EMAIL_CLAIM: string = 'email';

  /** The claim that says, by the boolean `true`, that the email was verified. */
  @IsString()
  JWT_EMAIL_VERIFIED_CLAIM: string = 'email_verified';

  /** How many days an invitation holds. */
  @Numeric()
  @IsInt()
  @Min(1)
  @Max(365)
  INVITATION_TTL_DAYS: number = 14;

  /** Where invitations are posted to, exactly there. Absent: none leaves. */
  @IsOptional()
  @ValidateBy({
    name: 'isReceiverAddress',
    validator: {
      validate: isReceiverAddress,
      defaultMessage: () =>
        'INVITATION_URL must be an https:// address without credentials, or http:// on a loopback or private address',
    },
  })
  INVITATION_URL?: string;

  /** What they are signed with (Standard Webhooks): `whsec_` and the base64 of 24 to 64 bytes. */
  @IsOptional()
  @ValidateBy({
    name: 'isSigningSecret',
    validator: {
      validate: isSigningSecret,
      defaultMessage: () => 'INVITATION_SECRET must be whsec_ and the base64 of 24 to 64 bytes',
    },
  })
  INVITATION_SECRET?: string;

  /** The least severe level that is logged. */
  @Transform(({ value }) => (value === 'info' ? 'log' : (value as unknown)))
  @IsIn(LOG_LEVELS)
  LOG_LEVEL: LogLevel = 'log';

  /** Who may collect metrics: addresses and ranges of them (10.0.0.0/8, fd00::/8), separated by commas. */
  @Transform(({ value }) => (typeof value === 'string' ? splitList(value) : (value as unknown)))
  @AddressRanges('METRICS_ALLOWED_FROM')
  METRICS_ALLOWED_FROM: string[] = ['127.0.0.0/8', '::1'];

  /**
   * Where an OpenTelemetry collector takes OTLP over HTTP; `/v1/traces` is added. Absent: no traces, unless asked for.
   */
  @IsOptional()
  @IsUrl(HTTP_ADDRESS, { message: 'OTEL_EXPORTER_OTLP_ENDPOINT must be an http:// or https:// address' })
  OTEL_EXPORTER_OTLP_ENDPOINT?: string;

  /** The same for traces alone, taken as it is. */
  @IsOptional()
  @IsUrl(HTTP_ADDRESS, { message: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT must be an http:// or https:// address' })
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string;

  /** Whether traces are sent. Absent: when an endpoint is given. */
  @IsOptional()
  @IsIn(['otlp', 'none'])
  OTEL_TRACES_EXPORTER?: 'otlp' | 'none';

  /** How long after SIGTERM new connections are still taken while the readiness check fails, in milliseconds. */
  @Numeric()
  @IsInt()
  @Min(0)
  @Max(600_000)
  SHUTDOWN_DELAY_MS: number = 1_000;

  /** The largest request body, in bytes. */
  @Numeric()
  @IsInt()
  @Min(1024)
  @Max(MAX_BYTES)
  REQUEST_MAX_BYTES: number = 1024 * 1024;

  /** The largest settings document, in bytes of the text that a GET returns. */
  @Numeric()
  @IsInt()
  @Min(2)
  @Max(MAX_SETTINGS_BYTES)
  SETTINGS_MAX_BYTES: number = 512 * 1024;

  /** How deep a settings document may nest, the document itself being level 1. */
  @Numeric()
  @IsInt()
  @Min(1)
  @Max(1000)
  SETTINGS_MAX_DEPTH: number = 32;

  /** How many of the newest versions of a settings document are kept whatever their age. */
  @Numeric()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  HISTORY_KEEP_VERSIONS: number = 300;

  /** How many days every version of a settings document is kept. */
  @Numeric()
  @IsInt()
  @Min(1)
  @Max(36_500)
  HISTORY_KEEP_DAYS: number = 400;

  /** The most bytes that the contents of the versions of one organization, or of one user, take as stored. */
  @Numeric()
  @IsInt()
  @Min(1024)
  @Max(Number.MAX_SAFE_INTEGER)
  HISTORY_MAX_BYTES: number = 64 * 1024 * 1024;

  /** Whether a user of another organization is "User not found" (404) instead of a 403, which tells that they exist. */
  @Flag()
  @IsBoolean({ message: 'HIDE_FOREIGN_USERS must be true or false' })
  HIDE_FOREIGN_USERS: boolean = false;

  /** What keys of secrets look like, whose values no event shows: regular expressions, separated by commas. */
  @Transform(({ value }) => (typeof value === 'string' ? splitList(value) : (value as unknown)))
  @ValidateBy(
    {
      name: 'isRegularExpression',
      validator: {
        validate: isRegularExpression,
        defaultMessage: () => 'SECRET_KEY_PATTERNS must be regular expressions, separated by commas',
      },
    },
    { each: true },
  )
  SECRET_KEY_PATTERNS: string[] = [
    'passw(or)?d',
    'pwd',
    'passphrase',
    'secret',
    'token',
    'credential',
    '^auth(orization)?$',
    'bearer',
    'jwt',
    'cookie',
    'dsn',
    'connection[-_ ]?string',
    '(api|access|private|signing|encryption)[-_ ]?key',
  ];

  /** How many requests one caller may send in a minute; 0 for any number. */
  @Numeric()
  @IsInt()
  @Min(0)
  @Max(1_000_000_000)
  RATE_LIMIT_PER_MINUTE: number = 6_000;

  /** How many requests about one organization may come in a minute, whoever sends them; 0 for any number. */
  @Numeric()
  @IsInt()
  @Min(0)
  @Max(1_000_000_000)
  RATE_LIMIT_ORGANIZATION_PER_MINUTE: number = 60_000;

  /** How many requests without a valid token one address may send in a minute; 0 for any number. */
  @Numeric()
  @IsInt()
  @Min(0)
  @Max(1_000_000_000)
  RATE_LIMIT_ADDRESS_PER_MINUTE: number = 6_000;

  /**
   * Whose `X-Forwarded-For` or `Forwarded` is believed: addresses and ranges, separated by commas. Where a proxy stands
   * in front and is not named here, all that it brings counts as one address.
   */
  @Transform(({ value }) => (typeof value === 'string' ? splitList(value) : (value as unknown)))
  @AddressRanges('TRUSTED_PROXIES')
  TRUSTED_PROXIES: string[] = [];

  /** The Redis in which all instances count requests together. Absent: each instance counts alone. */
  @IsOptional()
  @IsAddress(requireRedisAddress)
  REDIS_URL?: string;

  /**
   * How often each instance asks for the versions of what is watched, in milliseconds. Absent: every second or, where
   * Redis tells of changes, every five.
   */
  @IsOptional()
  @Numeric()
  @IsInt()
  @Min(50)
  @Max(60_000)
  WATCH_POLL_MS?: number;

  /** How many streams and waiting reads one user may have at an instance; a service account has ten times as many. */
  @Numeric()
  @IsInt()
  @Min(1)
  @Max(10_000)
  WATCH_PER_CALLER: number = 20;

  /** The same for all who watch one organization. */
  @Numeric()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  WATCH_PER_ORGANIZATION: number = 2_000;

  /** The same in all. */
  @Numeric()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  WATCH_MAX: number = 20_000;

  /** Browser origins that may call the API, separated by commas. By default none, or those of `allowedOrigins`. */
  @Transform(({ value }) => (typeof value === 'string' ? splitList(value) : (value as unknown)))
  @Matches(/^https?:\/\/[^/]+$/, {
    each: true,
    message: 'CORS_ORIGINS must be origins such as https://app.example.com, separated by commas',
  })
  CORS_ORIGINS: string[] = [];

  /** Whether people find a console under `/console`, and under `/` who comes with a browser. */
  @Flag()
  @IsBoolean({ message: 'CONSOLE must be true or false' })
  CONSOLE: boolean = true;

  /** What the identity provider calls the console, so that people sign in there. Absent: they paste a token. */
  @IsOptional()
  @IsString()
  CONSOLE_CLIENT_ID?: string;

  /** What the console sends along to the provider's sign-in, as a query: `audience=…`, `resource=…`, `scope=…`. */
  @IsOptional()
  @IsString()
  CONSOLE_AUTHORIZE_PARAMS?: string;

  get isProduction(): boolean {
    return this.NODE_ENV === 'production';
  }

  get usesEmbeddedDatabase(): boolean {
    return this.DATABASE_URL === undefined;
  }

  /** Which browser origins may call: in development on the embedded database by default those of this machine. */
  get allowedOrigins(): (string | RegExp)[] {
    const isOpenToLocal = this.NODE_ENV === 'development' && this.usesEmbeddedDatabase;
    return isOpenToLocal && this.CORS_ORIGINS.length === 0 ? [LOCAL_ORIGIN] : this.CORS_ORIGINS;
  }

  /** The server's database; `undefined` is the embedded one. */
  get databaseAddress(): DatabaseAddress | undefined {
    return this.DATABASE_URL === undefined ? undefined : parseDatabaseAddress(this.DATABASE_URL);
  }

  /** The same for those who change the schema. */
  get migrationAddress(): DatabaseAddress | undefined {
    const url = this.MIGRATION_DATABASE_URL;
    return url === undefined ? this.databaseAddress : parseDatabaseAddress(url);
  }

  /** Who issues the tokens, unless this service signs them itself. */
  get identityProvider(): IdentityProvider | undefined {
    const { JWT_JWKS_URI: keysUri, JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = this;
    if (keysUri === undefined || issuer === undefined || audience === undefined) return undefined;
    return {
      keysUri,
      issuer,
      audience,
      refreshSeconds: this.JWT_JWKS_REFRESH_SECONDS,
      clockToleranceSeconds: this.JWT_CLOCK_TOLERANCE_SECONDS,
    };
  }

  /** Where a token says whose it is, unless its subject alone does. */
  get emailClaims(): EmailClaims | undefined {
    if (!this.JWT_LINK_BY_EMAIL) return undefined;
    return { email: this.JWT_EMAIL_CLAIM, isVerified: this.JWT_EMAIL_VERIFIED_CLAIM };
  }

  /** Who delivers invitations to the users who were invited. */
  get invitationReceiver(): InvitationReceiver | undefined {
    const { INVITATION_URL: url, INVITATION_SECRET: secret } = this;
    return url === undefined || secret === undefined ? undefined : { url, secret };
  }

  /** How people sign in to the console at the identity provider; `undefined` where they cannot. */
  get consoleProvider(): ConsoleProvider | undefined {
    const { identityProvider, CONSOLE_CLIENT_ID: clientId, CONSOLE_AUTHORIZE_PARAMS: parameters } = this;
    if (identityProvider === undefined || clientId === undefined) return undefined;
    const { issuer } = identityProvider;
    return { issuer, clientId, parameters: Object.fromEntries(new URLSearchParams(parameters)) };
  }

  /** Whether there are demo users, for whom this service may issue tokens. */
  get hasDemoUsers(): boolean {
    return this.usesEmbeddedDatabase && this.identityProvider === undefined;
  }

  get exportsTraces(): boolean {
    return (this.OTEL_TRACES_EXPORTER ?? (this.tracesUrl === undefined ? 'none' : 'otlp')) === 'otlp';
  }

  /** Where traces are sent. Absent: where the SDK sends them by default, to port 4318 of the same machine. */
  get tracesUrl(): string | undefined {
    const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ofTraces } = this;
    return ofTraces ?? (endpoint === undefined ? undefined : `${endpoint.replace(/\/$/, '')}/v1/traces`);
  }
}

export interface IdentityProvider {
  readonly keysUri: string;
  readonly issuer: string;
  readonly audience: string;
  readonly refreshSeconds: number;
  readonly clockToleranceSeconds: number;
}

/** The names of the claims of a token that say whose it is. */
export interface EmailClaims {
  readonly email: string;
  readonly isVerified: string;
}

export interface ConsoleProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface InvitationReceiver {
  readonly url: string;
  readonly secret: string;
}

/** The configuration is wrong; `problems` has one sentence for each variable. */
export class EnvironmentError extends Error {
  constructor(readonly problems: string[]) {
    super(problems.join('\n'));
    this.name = 'EnvironmentError';
  }
}

/**
 * Reads `.env`, where there is one, and the process's environment, which wins.
 *
 * @throws EnvironmentError
 */
export function loadEnvironment(): Environment {
  readDotEnvFile();
  return parseEnvironment(process.env);
}

/**
 * The same for what works without a database, which then need not be configured.
 *
 * @throws EnvironmentError
 */
export function loadEnvironmentWithoutDatabase(): Environment {
  readDotEnvFile();
  return parseEnvironment({ ...process.env, DATABASE_URL: 'postgres://nowhere' });
}

let isDotEnvRead = false;

/**
 * Puts what `.env` says into the process's environment, where libraries look for their own variables, too. What has no
 * effect is warned about on standard error, once.
 *
 * @throws EnvironmentError
 */
function readDotEnvFile(): void {
  if (isDotEnvRead) return;
  isDotEnvRead = true;
  const warnings: string[] = [];
  if (existsSync('.env')) {
    const { variables, problems } = parseDotEnv(bytesOfDotEnv());
    if (problems.length > 0) throw new EnvironmentError(problems);
    for (const [name, value] of variables) {
      if (NODE_VARIABLES.includes(name) && process.env[name] === undefined) {
        warnings.push(`${name} has no effect in .env: Node reads it before, from the environment`);
      }
      process.env[name] ??= value;
    }
  }
  const given = Object.keys(process.env).filter((name) => process.env[name] !== '');
  warnings.push(...warningsOfSimilarNames(given, VARIABLES));
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
}

/** What Node reads before us. */
const NODE_VARIABLES = ['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS'];

/** The names of all variables that `Environment` has, with a default or without. */
const VARIABLES = [
  ...new Set(
    getMetadataStorage()
      .getTargetValidationMetadatas(Environment, '', false, false)
      .map(({ propertyName }) => propertyName),
  ),
];

function bytesOfDotEnv(): Uint8Array {
  try {
    return readFileSync('.env');
  } catch (error) {
    throw new EnvironmentError([`.env cannot be read: ${(error as NodeJS.ErrnoException).code}`]);
  }
}

/**
 * @param variables an empty value counts as absent
 * @throws EnvironmentError
 */
export function parseEnvironment(variables: Record<string, string | undefined>): Environment {
  const known = Object.keys(variables).filter((name) => /^[A-Z]/.test(name) && variables[name] !== '');
  const given = Object.fromEntries(known.map((name) => [name, variables[name]]));
  const environment = plainToInstance(Environment, given, { exposeDefaultValues: true });
  const problems = messagesOf(validateSync(environment, { whitelist: true }));
  if (environment.isProduction && environment.usesEmbeddedDatabase) {
    problems.push('DATABASE_URL is required in production');
  }
  problems.push(
    ...problemsOfKeySource(environment),
    ...problemsOfReceiver(environment),
    ...problemsOfConsole(environment),
  );
  if (problems.length > 0) throw new EnvironmentError(problems);
  return environment;
}

/** Tokens are verified by one source of keys, and by a provider's only together with its name and ours. */
function problemsOfKeySource(environment: Environment): string[] {
  const { JWT_SECRET, JWT_SECRET_PREVIOUS, JWT_JWKS_URI, isProduction } = environment;
  const names = ['JWT_ISSUER', 'JWT_AUDIENCE'] as const;
  if (JWT_JWKS_URI === undefined) {
    const problems = names
      .filter((name) => environment[name] !== undefined)
      .map((name) => `${name} is checked only with keys from JWT_JWKS_URI, which is missing`);
    if (isProduction && JWT_SECRET === undefined) problems.push('JWT_SECRET or JWT_JWKS_URI is required in production');
    if (JWT_SECRET_PREVIOUS !== undefined && JWT_SECRET === undefined) {
      problems.push('JWT_SECRET_PREVIOUS is accepted only beside JWT_SECRET, which is missing');
    } else if (JWT_SECRET_PREVIOUS !== undefined && JWT_SECRET_PREVIOUS === JWT_SECRET) {
      problems.push('JWT_SECRET_PREVIOUS must be another one than JWT_SECRET');
    }
    return problems;
  }
  const problems = names
    .filter((name) => environment[name] === undefined)
    .map((name) => `${name} is required with JWT_JWKS_URI`);
  for (const name of ['JWT_SECRET', 'JWT_SECRET_PREVIOUS'] as const) {
    if (environment[name] !== undefined) {
      problems.push(`${name} and JWT_JWKS_URI exclude each other: configure one of them`);
    }
  }
  return problems;
}

/** Invitations are sent only if their receiver can tell them from what somebody else sent. */
function problemsOfReceiver({ INVITATION_URL, INVITATION_SECRET }: Environment): string[] {
  if ((INVITATION_URL === undefined) === (INVITATION_SECRET === undefined)) return [];
  return [
    INVITATION_URL === undefined
      ? 'INVITATION_SECRET signs only what goes to INVITATION_URL, which is missing'
      : 'INVITATION_SECRET is required with INVITATION_URL',
  ];
}

/** People sign in only where tokens come from, and what is sent along leaves alone what makes it safe. */
function problemsOfConsole({ JWT_JWKS_URI, CONSOLE_CLIENT_ID, CONSOLE_AUTHORIZE_PARAMS }: Environment): string[] {
  if (CONSOLE_CLIENT_ID !== undefined && JWT_JWKS_URI === undefined) {
    return ['CONSOLE_CLIENT_ID names the console to an identity provider: JWT_JWKS_URI is missing'];
  }
  if (CONSOLE_AUTHORIZE_PARAMS !== undefined && CONSOLE_CLIENT_ID === undefined) {
    return ['CONSOLE_AUTHORIZE_PARAMS is sent only by who has a CONSOLE_CLIENT_ID, which is missing'];
  }
  const taken = ['client_id', 'redirect_uri', 'response_type', 'state', 'code_challenge', 'code_challenge_method'];
  return taken
    .filter((name) => new URLSearchParams(CONSOLE_AUTHORIZE_PARAMS).has(name))
    .map((name) => `CONSOLE_AUTHORIZE_PARAMS must not have ${name}: the console chooses it`);
}

/**
 * Keys that anybody on the way could exchange would open every organization, so they travel encrypted, in development
 * too, or do not leave the machine. `fetch` takes no credentials in an address.
 */
function isKeysAddress(address: unknown): boolean {
  if (typeof address !== 'string' || !URL.canParse(address)) return false;
  const { protocol, hostname, username, password } = new URL(address);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}

/** A private address, because a name may lead anywhere. */
function isReceiverAddress(address: unknown): boolean {
  if (typeof address !== 'string' || !URL.canParse(address)) return false;
  const { protocol, hostname, username, password, hash } = new URL(address);
  if (username !== '' || password !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && (LOOPBACK.test(hostname) || isPrivateAddress(hostname)));
}

/** RFC 1918 §3 and RFC 4193 §3. */
const PRIVATE_RANGES = new AddressList(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']);

/** @param hostname as `URL` spells it */
function isPrivateAddress(hostname: string): boolean {
  return PRIVATE_RANGES.includes(hostname.replace(/^\[(.*)\]$/, '$1'));
}

function isSigningSecret(secret: unknown): boolean {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(String(secret)) ?? [];
  if (base64 === undefined) return false;
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 && bytes.length >= 24 && bytes.length <= 64;
}

function problemOfAddress(parse: (text: string) => unknown, text: string): string | undefined {
  try {
    parse(text);
    return undefined;
  } catch (error) {
    if (error instanceof AddressError) return error.message;
    throw error;
  }
}

function isRegularExpression(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'i') instanceof RegExp;
  } catch {
    return false;
  }
}

function splitList(list: string): string[] {
  return list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
