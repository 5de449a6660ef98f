import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Environment, type EnvironmentError, parseEnvironment } from './environment.js';

const problemsOf = (variables: Record<string, string>) => {
  try {
    parseEnvironment(variables);
    return [];
  } catch (error) {
    return (error as EnvironmentError).problems;
  }
};

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

  it.each([
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['PORT', '3e3'],
    ['DATABASE_URL', 'localhost:5432'],
    ['MIGRATION_DATABASE_URL', 'http://x'],
    ['DATABASE_POOL_SIZE', '0'],
    ['JWT_SECRET', 'x'.repeat(31)],
    ['MIGRATE_ON_START', '1'],
    ['LOG_LEVEL', 'trace'],
    ['NODE_ENV', 'staging'],
    ['REQUEST_MAX_BYTES', '1 MiB'],
    ['SETTINGS_MAX_BYTES', '-5'],
    ['SETTINGS_MAX_DEPTH', '0'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'https://a.example.com/path'],
  ])('says in one line that %s=%s is wrong', (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^(each value in )?${name} `));
  });

  it('needs a database and a key in production', () => {
    expect(problemsOf({ NODE_ENV: 'production' })).toStrictEqual([
      'DATABASE_URL is required in production',
      'JWT_SECRET is required in production',
    ]);
    const production = { NODE_ENV: 'production', DATABASE_URL: 'postgres://db/x', JWT_SECRET: 'x'.repeat(32) };
    expect(problemsOf(production)).toStrictEqual([]);
  });

  it.each(['.env.example', 'README.md'])('is described in %s, variable by variable', (file) => {
    const text = readFileSync(file, 'utf8');
    const optional = ['DATABASE_URL', 'MIGRATION_DATABASE_URL', 'JWT_SECRET'];
    const names = new Set([...Object.keys(new Environment()), ...optional]);
    names.delete('NODE_ENV');
    for (const name of names) expect(text).toMatch(new RegExp(`\\b${name}\\b`));
  });
});
