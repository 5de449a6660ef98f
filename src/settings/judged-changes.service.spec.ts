import { describe, expect, it } from 'vitest';
import type { PoolStatistics, RequestQueue } from '../database/pool-statistics.js';
import type { Parties } from '../database/parties.js';
import type { PolicyJudge } from '../layers/policy-judge.js';
import type { Metrics } from '../observability/metrics.js';
import type { MembershipService } from '../organization/membership.service.js';
import { SYSTEM_ID } from '../organization/organization-id.js';
import { Preconditions } from '../common/concurrency/preconditions.js';
import { JudgedChangesService } from './judged-changes.service.js';
import type { PolicyTextRepository } from './policy-text.repository.js';
import { SETTINGS_DOCUMENTS } from './settings-documents.js';
import type { SettingsChangeResult, SettingsRepository } from './settings.repository.js';

const UNJUDGED = {
  status: 'unjudged',
  version: '0',
  settings: '{"a":1}',
  earlier: '{}',
  basis: `0 ${SYSTEM_ID}:1`,
} satisfies SettingsChangeResult;

/** With a policy of the system alone; `found` is what the database says of the user's membership. */
function aService(organizations: Record<string, string>) {
  const judgedFor: Parties[] = [];
  const queues: RequestQueue[] = [];
  let hold: Promise<void> | undefined;
  const service = new JudgedChangesService(
    {
      change: (...[, , , , judged]: Parameters<SettingsRepository['change']>) =>
        Promise.resolve(judged === UNJUDGED.basis ? { status: 'changed', version: '1' } : UNJUDGED),
    } as unknown as SettingsRepository,
    { find: () => Promise.resolve('{}') } as unknown as PolicyTextRepository,
    {
      judge: async ({ parties }: { parties: Parties }) => {
        judgedFor.push(parties);
        await hold;
        return { locks: [], refused: { count: 0, rules: [] }, warned: { count: 0, rules: [] } };
      },
    } as unknown as PolicyJudge,
    {
      recall: () => undefined,
      lookUp: (userId: string) =>
        Promise.resolve(
          organizations[userId] === undefined
            ? { status: 'no-member' }
            : { status: 'member', organizationId: organizations[userId] },
        ),
    } as unknown as MembershipService,
    { include: (queue: RequestQueue) => queues.push(queue) } as unknown as PoolStatistics,
    { countByKind: () => () => undefined, gauge: () => undefined } as unknown as Metrics,
  );
  const since = performance.now();
  const change = (id: string) =>
    service.make(
      SETTINGS_DOCUMENTS['user-settings'],
      { type: 'user', id, since },
      { kind: 'merge', patch: '{"a":1}', leaves: null },
      { preconditions: Preconditions.NONE, origin: { requestId: null, reason: null }, isDryRun: false },
    );
  const holdWith = (until: Promise<void>): void => {
    hold = until;
  };
  return { judgedFor, queues, since, change, holdWith };
}

describe('changes that a policy of the system alone judges', () => {
  it("count for the user's organization, which has one share of the threads, however many its members are", async () => {
    const { judgedFor, since, change } = aService({ ada: 'acme', bob: 'acme' });
    await Promise.all([change('ada'), change('bob'), change('nobody')]);
    expect(judgedFor).toStrictEqual([
      { ownerId: 'acme', callerId: 'ada', since },
      { ownerId: 'acme', callerId: 'bob', since },
      { ownerId: 'nobody', callerId: 'nobody', since },
    ]);
  });

  it('are counted while they wait for each other', async () => {
    const { queues, change, holdWith } = aService({ ada: 'acme' });
    let release = () => {};
    holdWith(new Promise((resolve) => (release = resolve)));
    const changes = [change('ada'), change('ada'), change('ada')];
    await new Promise((resolve) => setTimeout(resolve, 20));
    const [queue] = queues;
    expect([queue!.waitingCount, queue!.waitingOf('ada'), queue!.waitingOf('bob')]).toStrictEqual([2, 2, 0]);
    release();
    await Promise.all(changes);
    expect(queue!.waitingCount).toBe(0);
  });
});
