import { afterAll, describe, expect, it } from 'vitest';
import { judge, judgementOf, refusedBy } from '../../test/support/policy-judgements.js';

afterAll(() => judge.onApplicationShutdown());

describe('a hostile policy', () => {
  /** Each level refers to the next twice, so that a check takes two to the power of their number. */
  const exponential = {
    schema: {
      user: {
        $defs: Object.fromEntries(
          Array.from({ length: 60 }, (_, at) => [
            `d${at}`,
            at === 59 ? {} : { allOf: [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 1}` }] },
          ]),
        ),
        properties: { a: { $ref: '#/$defs/d0' } },
      },
    },
  };
  const endless = {
    schema: { user: { $defs: { a: { $ref: '#/$defs/a' } }, properties: { a: { $ref: '#/$defs/a' } } } },
  };
  const change = { before: null, after: { a: 1 } };
  const HARMLESS = { schema: { user: { properties: { a: { type: 'string' } } } } };

  it.each([
    ['takes for ever', exponential],
    ['refers to itself', endless],
  ])('that %s fails the write alone', async (_, organization) => {
    await expect(judgementOf({ ...change, organization, owner: 'hostile' })).rejects.toThrow(
      'the policy takes too long to check',
    );
    expect(await refusedBy({ ...change, organization: HARMLESS })).toHaveLength(1);
  });

  it('that only warns fails no write', async () => {
    const organization = { ...exponential, enforcement: 'warn' };
    expect(await judgementOf({ ...change, organization, owner: 'hostile' })).toMatchObject({ warned: { count: 0 } });
  });

  it('that takes too much memory fails the write alone', async () => {
    const schema = { user: { properties: { a: { items: { anyOf: Array(150).fill({ type: 'string' }) } } } } };
    await expect(
      judgementOf({ before: null, after: { a: Array(100_000).fill(1) }, organization: { schema }, owner: 'hostile' }),
    ).rejects.toThrow('the policy takes too long to check');
    expect(await refusedBy({ ...change, organization: HARMLESS })).toHaveLength(1);
  });

  it('does not keep others waiting', async () => {
    let failed = 0;
    const hostile = Array.from({ length: 30 }, () =>
      judgementOf({ ...change, organization: exponential, owner: 'slow' }).catch(() => failed++),
    );
    for (let at = 0; at < 20; at++)
      await judgementOf({ ...change, organization: HARMLESS, owner: `neighbour ${at % 5}` });
    // The hostile owner has one task at a time, and more than half of them still to come.
    expect(failed).toBeLessThan(15);
    await Promise.all(hostile);
    expect(failed).toBe(30);
  });
});
