import { describe, expect, it, vi } from 'vitest';
import { isSound, judge, type Judgement, shortestViolation } from './judge.js';
import { record, type Recording, type RunOptions } from './record.js';
import { describeCounterexample } from './report.js';
import { type Policies, Stage } from './stage.js';

vi.setConfig({ testTimeout: 120_000 });

/** A planted bug shows only when requests meet, which a busy machine may put off. */
const ATTEMPTS = 4;

const BRIEF: RunOptions = { seed: 1, seconds: 1, leastRequests: 300, instances: 1, clients: 8, hasFaults: false };

async function run<T>(
  options: Partial<RunOptions>,
  look: (judgements: Judgement[], recording: Recording) => T,
  policies: Policies = 'none',
): Promise<T> {
  const stage = await Stage.set(policies);
  try {
    const recording = await record(stage, { ...BRIEF, ...options });
    return look(await judge(stage, recording), recording);
  } finally {
    await stage.clear();
  }
}

/** Runs the service with a bug until that is seen. */
async function runPlanted(
  planted: string,
  policies: Policies = 'none',
): Promise<{ judgement: Judgement; explanation: string }> {
  for (let seed = 1; seed <= ATTEMPTS; seed++) {
    const look = (judgements: Judgement[]) => {
      const judgement = judgements.find(({ verdict }) => verdict.kind === 'violated');
      return judgement && { judgement, explanation: describeCounterexample(shortestViolation(judgement)) };
    };
    const found = await run({ seed, planted }, look, policies);
    if (found !== undefined) return found;
  }
  throw new Error(`${planted} was not found in ${ATTEMPTS} attempts`);
}

describe('the consistency check', () => {
  it('finds each document linearizable and its changes kept, while connections end and instances are killed', async () => {
    await run({ seconds: 2, instances: 2, hasFaults: true }, (judgements, { entries, faults }) => {
      expect(judgements).toHaveLength(4);
      for (const judgement of judgements) expect(judgement).toSatisfy(isSound, JSON.stringify(judgement.problems));
      expect(entries.filter(({ output }) => output?.status === 200).length).toBeGreaterThan(20);
      expect(faults.connections).toBeGreaterThan(0);
      expect(faults.kills).toBeGreaterThan(0);
    });
  });

  it('catches a service that reads, merges and writes', async () => {
    const { explanation } = await runPlanted('read-merge-write.js');
    expect(explanation).toContain('No order of the requests explains this answer:');
  });

  it('catches an instance that remembers what it read', async () => {
    const { judgement } = await runPlanted('stale-read.js');
    // Only the clients can tell: what the database holds is right.
    expect(judgement.problems).toStrictEqual([]);
  });

  it.each(['fixed', 'changing'] as const)(
    'finds each result of 64 writers judged as it was stored, by policies that are %s',
    async (policies) => {
      await run(
        { clients: 64, instances: 2, leastRequests: 1_000 },
        (judgements, { entries }) => {
          expect(judgements).toHaveLength(7);
          for (const judgement of judgements) {
            expect(judgement).toSatisfy(isSound, `${judgement.document}: ${JSON.stringify(judgement.problems)}`);
          }
          const count = (wanted: number) => entries.filter(({ output }) => output?.status === wanted).length;
          expect(count(200)).toBeGreaterThan(100);
          expect(count(400)).toBeGreaterThan(0);
          expect(count(403)).toBeGreaterThan(0);
        },
        policies,
      );
    },
  );

  it('catches a service that stores another result than the one that was judged', async () => {
    const { explanation } = await runPlanted('late-judgement.js', 'fixed');
    expect(explanation).toContain('No order of the requests explains this answer:');
  });
});
