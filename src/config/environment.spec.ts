import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../test/support/environment-problems.js';
import { Environment, parseEnvironment } from './environment.js';

describe('the environment', () => {
  it('has a default for everything in development', () => {
    expect(parseEnvironment({})).toStrictEqual(new Environment());
  });

  it('reads numbers, flags and lists, and takes an empty variable as absent', () => {
    const environment = parseEnvironment({
      PORT: '8080',
      MIGRATE_ON_START: 'true',
      CORS_ORIGINS: 'https://a.example.com, http://localhost:5173',
      JWT_SECRET: '',
      UNRELATED: 'x',
    });
    expect(environment).toMatchObject({
      PORT: 8080,
      MIGRATE_ON_START: true,
      CORS_ORIGINS: ['https://a.example.com', 'http://localhost:5173'],
      JWT_SECRET: undefined,
    });
    expect(environment).not.toHaveProperty('UNRELATED');
  });

  it('takes info for log, as others call that level', () => {
    expect(parseEnvironment({ LOG_LEVEL: 'info' }).LOG_LEVEL).toBe('log');
  });

  it.each([
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['PORT', '3e3'],
    ['DATABASE_URL', 'localhost:5432'],
    ['MIGRATION_DATABASE_URL', 'http://x'],
    ['REDIS_URL', 'http://x'],
    ['REDIS_URL', 'redis://:pa#ss@x'],
    ['REDIS_URL', 'redis://:pa%Ss@x'],
    ['REDIS_URL', 'redis://x,y'],
    ['REDIS_URL', 'redis://x/first'],
    ['REDIS_URL', 'redis://x?db=1'],
    ['DATABASE_POOL_SIZE', '2'],
    ['JWT_SECRET', 'x'.repeat(31)],
    ['JWT_JWKS_REFRESH_SECONDS', '0'],
    ['JWT_JWKS_REFRESH_SECONDS', '3601'],
    ['JWT_CLOCK_TOLERANCE_SECONDS', '31'],
    ['JWT_CLOCK_TOLERANCE_SECONDS', '-1'],
    ['JWT_ISSUER', 'https://id.example.com'],
    ['JWT_AUDIENCE', 'settings'],
    ['MIGRATE_ON_START', '1'],
    ['DATABASE_PREPARED_STATEMENTS', '0'],
    ['DATABASE_SHARED_STATEMENTS', 'off'],
    ['LOG_LEVEL', 'trace'],
    ['NODE_ENV', 'staging'],
    ['REQUEST_MAX_BYTES', '1 MiB'],
    ['SETTINGS_MAX_BYTES', '-5'],
    ['SETTINGS_MAX_BYTES', String(8 * 1024 * 1024)],
    ['SETTINGS_MAX_DEPTH', '0'],
    ['METRICS_ALLOWED_FROM', '127.0.0.1,localhost'],
    ['METRICS_ALLOWED_FROM', '10.0.0.0/33'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_TRACES_EXPORTER', 'console'],
    ['SHUTDOWN_DELAY_MS', '1s'],
    ['CONSOLE', 'no'],
    ['CONSOLE_CLIENT_ID', 'console'],
    ['CONSOLE_AUTHORIZE_PARAMS', 'audience=a'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'https://a.example.com/path'],
  ])('says in one line that %s=%s is wrong', (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^(each value in )?${name} `));
  });

  it('lets nothing be sent along to the sign-in of the console that makes it unsafe', () => {
    const provider = {
      JWT_JWKS_URI: 'https://id.example.com/jwks',
      JWT_ISSUER: 'https://id.example.com',
      JWT_AUDIENCE: 'a',
      CONSOLE_CLIENT_ID: 'console',
    };
    expect(problemsOf({ ...provider, CONSOLE_AUTHORIZE_PARAMS: 'audience=a&scope=openid%20x' })).toStrictEqual([]);
    expect(problemsOf({ ...provider, CONSOLE_AUTHORIZE_PARAMS: 'a=b&state=1&redirect_uri=x' })).toStrictEqual([
      'CONSOLE_AUTHORIZE_PARAMS must not have redirect_uri: the console chooses it',
      'CONSOLE_AUTHORIZE_PARAMS must not have state: the console chooses it',
    ]);
  });

  it.each([
    [{}, false, undefined],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, true, undefined],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' }, true, 'http://collector:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:4318', OTEL_TRACES_EXPORTER: 'none' }, false, 'http://a:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://b/x' }, true, 'https://b/x'],
  ])('knows from %j whether and where traces are sent', (variables, exportsTraces, tracesUrl) => {
    const environment = parseEnvironment(variables);
    expect({ exportsTraces: environment.exportsTraces, tracesUrl: environment.tracesUrl }).toStrictEqual({
      exportsTraces,
      tracesUrl,
    });
  });

  it.each([
    ['local ones in development on the embedded database', {}, true],
    ['none in a test', { NODE_ENV: 'test' }, false],
    ['none on a server', { DATABASE_URL: 'postgres://db/x' }, false],
    [
      'none in production',
      { NODE_ENV: 'production', DATABASE_URL: 'postgres://db/x', JWT_SECRET: 'x'.repeat(32) },
      false,
    ],
    ['none beside those that are named', { CORS_ORIGINS: 'https://a.example.com' }, false],
  ])('allows origins: %s', (_, variables: Record<string, string>, isLocalAllowed) => {
    const { allowedOrigins } = parseEnvironment(variables);
    const local = allowedOrigins.filter((allowed) => allowed instanceof RegExp);
    expect(local).toHaveLength(isLocalAllowed ? 1 : 0);
    expect(allowedOrigins.filter((allowed) => typeof allowed === 'string')).toStrictEqual(
      'CORS_ORIGINS' in variables ? ['https://a.example.com'] : [],
    );
  });

  it('needs a database and a key in production', () => {
    expect(problemsOf({ NODE_ENV: 'production' })).toStrictEqual([
      'DATABASE_URL is required in production',
      'JWT_SECRET or JWT_JWKS_URI is required in production',
    ]);
    const production = { NODE_ENV: 'production', DATABASE_URL: 'postgres://db/x', JWT_SECRET: 'x'.repeat(32) };
    expect(problemsOf(production)).toStrictEqual([]);
  });

  describe('with the secret before', () => {
    const [secret, previous] = ['a'.repeat(32), 'b'.repeat(32)];

    it('has both', () => {
      expect(problemsOf({ JWT_SECRET: secret, JWT_SECRET_PREVIOUS: previous })).toStrictEqual([]);
    });

    it.each([
      ['b'.repeat(31), 'must have at least 32 characters (RFC 7518 §3.2)'],
      [secret, 'must be another one than JWT_SECRET'],
    ])('says in one line that %s is wrong', (value, problem) => {
      expect(problemsOf({ JWT_SECRET: secret, JWT_SECRET_PREVIOUS: value })).toStrictEqual([
        `JWT_SECRET_PREVIOUS ${problem}`,
      ]);
    });

    it('needs the secret of today', () => {
      expect(problemsOf({ JWT_SECRET_PREVIOUS: previous })).toStrictEqual([
        'JWT_SECRET_PREVIOUS is accepted only beside JWT_SECRET, which is missing',
      ]);
    });
  });

  describe('with an identity provider', () => {
    const provider = {
      JWT_JWKS_URI: 'https://id.example.com/jwks',
      JWT_ISSUER: 'https://id.example.com',
      JWT_AUDIENCE: 'settings',
    };

    it('needs no secret, in production neither', () => {
      const production = { NODE_ENV: 'production', DATABASE_URL: 'postgres://db/x', ...provider };
      expect(parseEnvironment(production).identityProvider).toStrictEqual({
        keysUri: 'https://id.example.com/jwks',
        issuer: 'https://id.example.com',
        audience: 'settings',
        refreshSeconds: 300,
        clockToleranceSeconds: 5,
      });
      expect(parseEnvironment({}).identityProvider).toBeUndefined();
    });

    it.each(['JWT_SECRET', 'JWT_SECRET_PREVIOUS'])('takes no second source of keys: %s', (name) => {
      expect(problemsOf({ ...provider, [name]: 'x'.repeat(32) })).toStrictEqual([
        `${name} and JWT_JWKS_URI exclude each other: configure one of them`,
      ]);
    });

    it.each(['JWT_ISSUER', 'JWT_AUDIENCE'])('needs %s', (name) => {
      expect(problemsOf({ ...provider, [name]: '' })).toStrictEqual([`${name} is required with JWT_JWKS_URI`]);
    });

    it.each([
      'http://localhost:8080/jwks',
      'http://127.0.0.1/jwks',
      'http://127.9.9.9:1',
      'http://127.1/jwks',
      'http://[::1]:8080/jwks',
      'HTTPS://id.example.com',
    ])('may take its keys from %s', (address) => {
      expect(problemsOf({ ...provider, JWT_JWKS_URI: address })).toStrictEqual([]);
    });

    it.each([
      'http://id.example.com/jwks',
      'http://127.example.com/jwks',
      'http://127.0.0.1.example.com/jwks',
      'http://localhost.example.com/jwks',
      'http://localhost@example.com/jwks',
      'https://user:password@id.example.com/jwks',
      'file:///etc/passwd',
      'data:application/json,{"keys":[]}',
      'id.example.com/jwks',
      'https://',
    ])('may not take its keys from %s', (address) => {
      for (const NODE_ENV of ['development', 'test']) {
        expect(problemsOf({ ...provider, NODE_ENV, JWT_JWKS_URI: address })).toStrictEqual([
          'JWT_JWKS_URI must be an https:// address without credentials, or http:// on a loopback host',
        ]);
      }
    });
  });

  it('knows whose a token is by its email only where that is switched on', () => {
    expect(parseEnvironment({}).emailClaims).toBeUndefined();
    expect(parseEnvironment({ JWT_LINK_BY_EMAIL: 'true', JWT_EMAIL_CLAIM: 'mail' }).emailClaims).toStrictEqual({
      email: 'mail',
      isVerified: 'email_verified',
    });
    expect(problemsOf({ JWT_LINK_BY_EMAIL: 'yes' })).toStrictEqual(['JWT_LINK_BY_EMAIL must be true or false']);
  });

  it.each(['.env.example', 'README.md'])('is described in %s, variable by variable', (file) => {
    const text = readFileSync(file, 'utf8');
    const optional = [
      'DATABASE_URL',
      'MIGRATION_DATABASE_URL',
      'JWT_SECRET',
      'JWT_SECRET_PREVIOUS',
      'JWT_JWKS_URI',
      'JWT_ISSUER',
      'JWT_AUDIENCE',
      'INVITATION_URL',
      'INVITATION_SECRET',
      'REDIS_URL',
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
      'OTEL_TRACES_EXPORTER',
    ];
    const names = new Set([...Object.keys(new Environment()), ...optional]);
    names.delete('NODE_ENV');
    for (const name of names) expect(text).toMatch(new RegExp(`\\b${name}\\b`));
  });
});
