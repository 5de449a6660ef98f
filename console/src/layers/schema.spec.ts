import { describe, expect, it } from 'vitest';
import { aboutOf, firstValueOf, unsetProperties } from './schema.js';

describe('what a schema says of a property', () => {
  it('is told in words', () => {
    expect(
      aboutOf({ title: 'Size', description: 'In rows', type: 'integer', minimum: 1, maximum: 9, default: 5 }),
    ).toBe('Size: In rows · whole number, at least 1, at most 9, by default 5');
    expect(aboutOf({ type: ['string', 'null'], pattern: '^a' })).toBe('text or null, of the pattern ^a');
    expect(aboutOf({})).toBe('');
    expect(aboutOf(undefined)).toBe('');
  });

  it.each([
    [undefined, ''],
    [{}, ''],
    [{ type: 'integer' }, 0],
    [{ type: 'number', minimum: 3 }, 3],
    [{ type: ['boolean', 'null'] }, false],
    [{ type: 'object' }, {}],
    [{ type: 'array' }, []],
    [{ type: 'string', enum: ['light', 'dark'] }, 'light'],
    [{ type: 'string', default: 'dark' }, 'dark'],
  ])('says with what it begins: %j, %j', (hint, value) => {
    expect(firstValueOf(hint)).toStrictEqual(value);
  });
});

describe('properties of a schema that nobody set', () => {
  const schema = {
    properties: {
      theme: { enum: ['light', 'dark'] },
      beep: { default: true },
      mail: { properties: { daily: { type: 'boolean' }, weekly: {} } },
    },
  };
  const unset = (...documents: object[]) =>
    unsetProperties(schema, documents as never[]).map(({ path }) => path.join('.'));

  it('are listed, but for those with a default', () => {
    expect(unset({})).toStrictEqual(['theme', 'mail.daily', 'mail.weekly']);
    expect(unset({ theme: 'dark' }, { mail: { daily: true } })).toStrictEqual(['mail.weekly']);
  });

  it('are none where there is no room for them, and no schema', () => {
    expect(unset({ mail: 'never' })).toStrictEqual(['theme']);
    expect(unsetProperties(undefined, [{}])).toStrictEqual([]);
    expect(unsetProperties(true, [{}])).toStrictEqual([]);
  });
});
