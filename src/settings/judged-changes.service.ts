import { Injectable } from '@nestjs/common';
import { UnavailableError } from '../common/errors/common.errors.js';
import { Environment } from '../config/environment.js';
import { MAX_WAIT_MS } from '../database/timed-queue.js';
import { PolicyJudge } from '../layers/policy-judge.js';
import { sizeLimitsOf } from './content.js';
import { DocumentQueue } from './document-queue.js';
import type { SettingsApi } from './settings-api.js';
import type { ChangeOptions, SettingsChange } from './settings-change.js';
import type { SettingsOwner } from './settings-owner.js';
import { hasOwnTable, type Limits, type SettingsChangeResult, SettingsRepository } from './settings.repository.js';

type JudgedResult = Exclude<SettingsChangeResult, { status: 'unjudged' }>;

/**
 * Makes changes whose results have to be judged. The database works out the result, which is judged here, and stores it
 * if the document is still in the version on which that rests; otherwise it all starts over.
 */
@Injectable()
export class JudgedChangesService {
  private readonly queue = new DocumentQueue();

  constructor(
    private readonly settings: SettingsRepository,
    private readonly judge: PolicyJudge,
    private readonly environment: Environment,
  ) {}

  /**
   * @throws InvalidInputError when the result is no policy
   * @throws UnavailableError
   */
  async make(
    api: SettingsApi,
    owner: SettingsOwner,
    change: SettingsChange,
    options: ChangeOptions,
  ): Promise<JudgedResult> {
    const since = performance.now();
    const limits: Limits = {
      ...sizeLimitsOf(api.content, this.environment),
      historyBytes: this.environment.HISTORY_MAX_BYTES,
    };
    const attempt = (judged?: string) => this.settings.change(api, owner, change, options, limits, judged);
    const insist = async (): Promise<JudgedResult> => {
      let result = await attempt();
      while (result.status === 'unjudged') {
        if (performance.now() - since > MAX_WAIT_MS) throw new UnavailableError('the document is changed too often');
        await this.requireValid(api, owner, result.settings);
        result = await attempt(result.basis);
      }
      if (result.status === 'dry-run' && api.content === 'policy') await this.requireValid(api, owner, result.settings);
      return result;
    };
    if (options.isDryRun || hasOwnTable(api)) return insist();
    const callerId = owner.type === 'user' ? owner.id : String(owner.callerId);
    return this.queue.run(`${api.document} ${owner.id}`, callerId, since, insist);
  }

  private async requireValid({ owner: by }: SettingsApi, owner: SettingsOwner, policy: string): Promise<void> {
    if (policy === '{}' || by === 'user' || owner.type === 'user') return;
    await this.judge.requireValid(policy, by, { ownerId: owner.id, callerId: String(owner.callerId) });
  }
}
