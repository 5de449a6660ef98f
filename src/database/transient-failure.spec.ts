import { describe, expect, it } from 'vitest';
import { retryTransient } from './transient-failure.js';

/** Fails as often as it has errors, then succeeds. */
function failing(...errors: object[]) {
  const calls = { count: 0 };
  const run = () => {
    const error = errors[calls.count++];
    return error === undefined
      ? Promise.resolve('done')
      : Promise.reject(Object.assign(new Error('the database said so'), error));
  };
  return { calls, run };
}

describe('retryTransient', () => {
  it.each(['40001', '40P01', '55P03', '53300'])('tries again after %s', async (code) => {
    const { calls, run } = failing({ code }, { code });
    expect(await retryTransient(run)).toBe('done');
    expect(calls.count).toBe(3);
  });

  it('sees the SQLSTATE in what TypeORM wrapped', async () => {
    const { calls, run } = failing({ driverError: { code: '40001' } });
    expect(await retryTransient(run)).toBe('done');
    expect(calls.count).toBe(2);
  });

  it.each([{ code: '40003' }, { code: '57P01' }, { code: 'ECONNRESET' }, { code: '23505' }, {}])(
    'does not repeat what may have taken effect, or will fail again: %j',
    async (error) => {
      const { calls, run } = failing(error);
      await expect(retryTransient(run)).rejects.toMatchObject(error);
      expect(calls.count).toBe(1);
    },
  );

  it('gives up after ten times', async () => {
    const { calls, run } = failing(...Array.from({ length: 20 }, () => ({ code: '40001' })));
    await expect(retryTransient(run)).rejects.toMatchObject({ code: '40001' });
    expect(calls.count).toBe(10);
  });

  it('gives up after two seconds', async () => {
    let calls = 0;
    const run = async () => {
      calls++;
      await new Promise((wake) => setTimeout(wake, 1_100));
      throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
    };
    await expect(retryTransient(run)).rejects.toMatchObject({ code: '40P01' });
    expect(calls).toBeLessThanOrEqual(2);
  });
});
