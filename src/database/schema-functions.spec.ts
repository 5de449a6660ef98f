import { describe, expect, it } from 'vitest';
import { schemaFunctions } from './schema-functions.js';

describe.each(schemaFunctions())('the file of $name', ({ name, text }) => {
  it('says what its function does, and makes that one alone', () => {
    expect(text).toMatch(/^-- [A-Z`]/);
    const made = [...text.matchAll(/^create or replace function (\w+)\(/gm)].map(([, created]) => created);
    expect(made).toStrictEqual([name]);
  });

  it('has lines of at most 120 columns', () => {
    expect(text.split('\n').filter((line) => line.length > 120)).toStrictEqual([]);
  });
});
