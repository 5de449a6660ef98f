import { expect, it } from 'vitest';
import { warningsOfSimilarNames } from './similar-names.js';

const KNOWN = ['DATABASE_URL', 'PORT', 'HOST', 'JWT_SECRET', 'OTEL_TRACES_EXPORTER'];

it.each([
  ['DATABASE_UR', 'DATABASE_URL'],
  ['DATABASE_URI', 'DATABASE_URL'],
  ['DATABSAE_URL', 'DATABASE_URL'],
  ['DATABASE-URL', 'DATABASE_URL'],
  ['database_url', 'DATABASE_URL'],
  ['JWT_SECRETS', 'JWT_SECRET'],
  ['PORTS', 'PORT'],
  ['port', 'PORT'],
])('%s looks like %s', (name, meant) => {
  expect(warningsOfSimilarNames(['PATH', name], KNOWN)).toStrictEqual([`${name} is not read: did you mean ${meant}?`]);
});

it.each([
  'PATH',
  'HOME',
  'HOSTNAME',
  'PGPORT',
  'PGHOST',
  'DATABASE_HOST',
  'OTEL_LOGS_EXPORTER',
  'OTEL_TRACES_SAMPLER',
  'X'.repeat(100_000),
])('%.20s looks like none of ours', (name) => {
  expect(warningsOfSimilarNames([name], KNOWN)).toStrictEqual([]);
});

it('says nothing where the right one is set, too', () => {
  expect(warningsOfSimilarNames(['DATABASE_URI', 'DATABASE_URL'], KNOWN)).toStrictEqual([]);
});

it('says so up to a limit', () => {
  const many = Array.from({ length: 30 }, (_, n) => `JWT_SECRET${n}`);
  const warnings = warningsOfSimilarNames(many, KNOWN);
  expect(warnings).toHaveLength(11);
  expect(warnings.at(-1)).toBe('20 more are not read, either');
});
