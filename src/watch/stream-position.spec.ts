import { describe, expect, it } from 'vitest';
import { idOf, positionOf } from './stream-position.js';

const ID = '123e4567-e89b-12d3-a456-426614174000';

describe('the id of an event', () => {
  it.each([
    {
      organizationId: ID,
      versions: { 'user-settings': '4', 'organization-settings': '17', 'organization-profile': '3' },
    },
    { organizationId: undefined, versions: { 'user-settings': '0' } },
    { organizationId: ID, versions: { 'organization-profile': '123456789012345678' } },
  ])('holds versions: %j', (position) => {
    expect(positionOf(idOf(position), false)).toStrictEqual(position);
  });

  it('holds a time', () => {
    expect(positionOf(idOf({ timeMs: 1_795_780_000_000.5 }), true)).toStrictEqual({ timeMs: 1_795_780_000_000 });
  });

  it('may be missing', () => {
    for (const id of [undefined, '']) expect(positionOf(id, false)).toBeUndefined();
    expect(positionOf('', true)).toBeUndefined();
  });

  it.each(['x', 't', 'tx', `v1.2.3.${ID}x`, 'v1.2.3', `v1.2.3.4.${ID}`, 't1795780000000'])(
    'is refused where it is none of this stream: %s',
    (id) => {
      expect(() => positionOf(id, false)).toThrow('Last-Event-ID must be the id of an event of this stream');
    },
  );

  it('of another kind of stream is refused', () => {
    expect(() => positionOf(`v1.2.3.${ID}`, true)).toThrow('Last-Event-ID');
  });

  it('is refused where its time is beyond what the database can tell', () => {
    expect(() => positionOf('t999999999999999', true)).toThrow('Last-Event-ID');
  });
});
