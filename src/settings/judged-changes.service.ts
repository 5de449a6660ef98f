import { Injectable } from '@nestjs/common';
import { UnavailableError } from '../common/errors/common.errors.js';
import { PoolStatistics } from '../database/pool-statistics.js';
import { MAX_WAIT_MS } from '../database/timed-queue.js';
import { type BindingPolicy, PolicyJudge } from '../layers/policy-judge.js';
import { Metrics } from '../observability/metrics.js';
import { MembershipService } from '../organization/membership.service.js';
import { SYSTEM_ID } from '../organization/organization-id.js';
import { DocumentQueue } from './document-queue.js';
import { PolicyTextRepository } from './policy-text.repository.js';
import type { SettingsApi } from './settings-api.js';
import type { ChangeOptions, SettingsChange } from './settings-change.js';
import type { SettingsOwner } from './settings-owner.js';
import { PolicyViolationError, SettingLockedError } from './settings.errors.js';
import { hasOwnTable, type SettingsChangeResult, SettingsRepository } from './settings.repository.js';

/** A result that there is nothing more to say about, and how many violations policies only warn of. */
export type JudgedResult = Exclude<SettingsChangeResult, { status: 'unjudged' }>;
export interface JudgedChange {
  readonly result: JudgedResult;
  readonly warnings: number;
}

/** What became of the results that were judged. */
const OUTCOMES = ['allowed', 'warned', 'refused', 'locked'] as const;

/** A result to judge. */
type Result = Extract<SettingsChangeResult, { status: 'unjudged' | 'dry-run' }>;

/**
 * Makes changes whose results have to be judged: policies, and settings that policies bind. The database works out the
 * result, which is judged here, and stores it if document and policies are still in the versions on which that rests;
 * otherwise it all starts over. Of one document one change is made at a time, so that within an instance none starts
 * over for another.
 */
@Injectable()
export class JudgedChangesService {
  private readonly queue = new DocumentQueue();
  private readonly count: (outcome: (typeof OUTCOMES)[number]) => void;

  constructor(
    private readonly settings: SettingsRepository,
    private readonly policies: PolicyTextRepository,
    private readonly judge: PolicyJudge,
    private readonly memberships: MembershipService,
    statistics: PoolStatistics,
    metrics: Metrics,
  ) {
    statistics.include(this.queue);
    metrics.gauge(
      'settings_changes_judged_waiting',
      'Changes that wait for another change of their document, which is judged by policies.',
      () => this.queue.waitingCount,
    );
    this.count = metrics.countByKind(
      'settings_changes_judged_total',
      'Results of changes that were judged by policies, by what became of them.',
      'outcome',
      OUTCOMES,
    );
  }

  /**
   * @throws InvalidInputError when the result is no policy
   * @throws PolicyViolationError
   * @throws SettingLockedError
   * @throws UnavailableError when it takes too long
   */
  async make(
    api: SettingsApi,
    owner: SettingsOwner,
    change: SettingsChange,
    options: ChangeOptions,
  ): Promise<JudgedChange> {
    const { since } = owner;
    const attempt = (judged?: string) => this.settings.change(api, owner, change, options, judged);
    const judgeAndStore = async (first?: SettingsChangeResult): Promise<JudgedChange> => {
      let result = first ?? (await attempt());
      for (let warnings = 0, round = 0; ; round++) {
        const isDryRun = result.status === 'dry-run' && result.basis !== null;
        if (result.status !== 'unjudged' && !isDryRun) return { result, warnings };
        const found = await this.warningsOf(api, owner, result as Result);
        if (isDryRun && found !== undefined) return { result: result as JudgedResult, warnings: found };
        if (round > 0 && performance.now() - since > MAX_WAIT_MS)
          throw new UnavailableError('document or policies change too often');
        warnings = found ?? 0;
        result = await attempt(found === undefined ? undefined : (result as Result).basis!);
      }
    };
    const document = `${api.document} ${owner.id}`;
    if (options.isDryRun) return judgeAndStore();
    // Most documents are bound by no policy.
    const first = hasOwnTable(api) && !this.queue.isBusy(document) ? await attempt() : undefined;
    if (first !== undefined && first.status !== 'unjudged') return { result: first, warnings: 0 };
    // While that was worked out another change may have come into the queue: then the result is that of a document that
    // will not be there any more when it is this one's turn.
    const isNext = !this.queue.isBusy(document);
    const callerId = owner.type === 'user' ? owner.id : String(owner.callerId);
    return this.queue.run(document, callerId, since, () => judgeAndStore(isNext ? first : undefined));
  }

  /** @returns how many violations are only warned of; `undefined` where a policy is in another version by now */
  private async warningsOf(api: SettingsApi, owner: SettingsOwner, result: Result): Promise<number | undefined> {
    const { settings: after, earlier: before = null, basis } = result;
    const callerId = String(owner.type === 'user' ? owner.id : owner.callerId);
    const { since } = owner;
    if (api.content === 'policy') {
      const by = api.owner as 'organization' | 'system';
      if (after !== '{}') await this.judge.requireValid(after, by, { ownerId: owner.id, callerId, since });
      return 0;
    }
    const policies: BindingPolicy[] = [];
    for (const policy of basis!.split(' ').slice(1)) {
      const [ownerId = '', version = ''] = policy.split(':');
      const text = await this.policies.find(ownerId, version, since);
      if (text === undefined) return undefined;
      policies.push({ by: ownerId === SYSTEM_ID ? 'system' : 'organization', ownerId, text });
    }
    const layer = api.owner as 'organization' | 'user';
    const ownerId = policies.find(({ by }) => by === 'organization')?.ownerId ?? (await this.organizationOf(owner));
    const parties = { ownerId, callerId, since };
    const judgement = await this.judge.judge({ layer, before, after, policies, parties });
    const { locks, refused, warned } = judgement;
    if (locks.length > 0) {
      this.count('locked');
      throw new SettingLockedError(locks);
    }
    if (refused.count > 0) {
      this.count('refused');
      throw new PolicyViolationError(refused.rules, refused.count);
    }
    this.count(warned.count > 0 ? 'warned' : 'allowed');
    return warned.count;
  }

  /** Whose share of the threads a check takes: that of the organization, also where only the system has a policy. */
  private async organizationOf({ type, id, since }: SettingsOwner): Promise<string> {
    if (type === 'organization') return id;
    const remembered = this.memberships.recall(id);
    if (remembered !== undefined) return remembered.organizationId;
    const found = await this.memberships.lookUp(id, since);
    return found.status === 'member' ? found.organizationId : id;
  }
}
