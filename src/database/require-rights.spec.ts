import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { TABLE_RIGHTS } from './require-rights.js';

it('asks for the rights on tables that docs/grants.sql gives', () => {
  const grants = [
    ...readFileSync('docs/grants.sql', 'utf8').matchAll(/^grant ([a-z, ]+) on ([a-z_, ]+) to service;$/gm),
  ];
  const granted = grants
    .filter(([, , tables]) => !/^(sequence|all) /.test(tables!))
    .flatMap(([, rights, tables]) => tables!.split(', ').map((table) => [table, rights!.split(', ')] as const));
  expect(Object.fromEntries(granted)).toStrictEqual(TABLE_RIGHTS);
});
