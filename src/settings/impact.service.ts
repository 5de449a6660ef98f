import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { WaitingParties } from '../database/parties.js';
import type { ChangeOrigin } from '../history/change-origin.js';
import type { ImpactGroup, LayerTexts } from '../layers/impact.js';
import { type Policy, readPolicy } from '../layers/policy.js';
import { PolicyJudge } from '../layers/policy-judge.js';
import { SYSTEM_ID } from '../organization/organization-id.js';
import { NotAssociatedError } from '../organization/organization.errors.js';
import { TooManyRequestsError } from '../rate-limit/rate-limit.errors.js';
import { RateLimitService } from '../rate-limit/rate-limit.service.js';
import { EffectiveSettingsRepository } from './effective-settings.repository.js';
import { ImpactRepository, type MemberOf, type OrganizationTexts } from './impact.repository.js';
import { ImpactTally } from './impact-tally.js';
import type { OrganizationOwner, SettingsDocument } from './settings-owner.js';
import type { Refused } from './settings.repository.js';

/** So many members are looked at, at most, and for so long. */
const MAX_MEMBERS = 10_000;
const MAX_MS = 2_000;

/** How many members are looked at together, and how many organizations are read together. */
const MEMBERS_AT_ONCE = 200;
const ORGANIZATIONS_AT_ONCE = 50;

const EMPTY = '{}';

/** What is the same for all members whom a change of the system may touch. */
interface SystemChange {
  readonly before: LayerTexts;
  readonly after: LayerTexts;
  readonly policy: Policy | undefined;
  readonly parties: WaitingParties;
}

/**
 * Tells whom a change would touch, before it is made, and nothing about a single person. That somebody asked is kept as
 * an event first, so that nobody asks unseen.
 */
@Injectable()
export class ImpactService {
  constructor(
    private readonly repository: ImpactRepository,
    private readonly layers: EffectiveSettingsRepository,
    private readonly judge: PolicyJudge,
    private readonly rates: RateLimitService,
  ) {}

  /**
   * @param after the document as it would be
   * @returns the text of an object; or why the caller may not ask, where their right has just ended
   * @throws TooManyRequestsError
   * @throws InvalidInputError when a schema takes too long
   * @throws UnavailableError
   * @throws TimeExceededError
   */
  async measure(
    document: SettingsDocument,
    owner: OrganizationOwner,
    after: string,
    origin: ChangeOrigin,
  ): Promise<{ readonly status: 'measured'; readonly text: string } | Refused> {
    const quota = await this.rates.count('impact', owner.id);
    if (quota?.isExceeded) throw new TooManyRequestsError(quota);
    const status = await this.repository.keepUse(owner, document, origin);
    if (status !== 'granted') return { status };
    const tally = new ImpactTally(performance.now() + MAX_MS);
    const parties = { ownerId: owner.id, callerId: String(owner.callerId), since: owner.since };
    if (owner.id === SYSTEM_ID) await this.measureSystem(document, parties, after, tally);
    else await this.measureOrganization(document, owner, parties, after, tally);
    return { status: 'measured', text: tally.text };
  }

  private async measureOrganization(
    document: SettingsDocument,
    { id: organizationId, callerType }: OrganizationOwner,
    parties: WaitingParties,
    after: string,
    tally: ImpactTally,
  ): Promise<void> {
    if (callerType === 'operator') throw new NotAssociatedError();
    const { callerId, since } = parties;
    const [found, { total, userIds }] = await Promise.all([
      this.layers.read({ organizationId, callerType, callerId, since }, null),
      this.repository.findMembers(parties, MAX_MEMBERS, randomUUID()),
    ]);
    if (found.status !== 'found') throw new NotAssociatedError();
    tally.total = total;
    const { settings, policies } = found.layers;
    const system = { settings: settings.system.text!, policy: policies.system.text! };
    const before = { settings: settings.organization.text!, policy: policies.organization.text! };
    const [next, policy] = changed(document, 'organization', before, after);
    for (let at = 0; at < userIds.length && !tally.isOver; at += MEMBERS_AT_ONCE) {
      const some = userIds.slice(at, at + MEMBERS_AT_ONCE);
      await this.eachTexts(parties, some, tally, async (texts) => {
        const groups = [{ before, after: next, isFirst: at === 0, users: countEqual(texts.values()) }];
        const question = { before: system, after: system, groups };
        tally.add(await this.judge.measure(question, policy, parties));
      });
    }
  }

  private async measureSystem(
    document: SettingsDocument,
    parties: WaitingParties,
    text: string,
    tally: ImpactTally,
  ): Promise<void> {
    const before = await this.repository.findSystem(parties);
    tally.total = await this.repository.countMembers(parties);
    const [after, policy] = changed(document, 'system', before, text);
    const change = { before, after, policy, parties };
    // Of many members those of organizations whose ids, which are random, follow one another.
    const isSample = tally.total > MAX_MEMBERS;
    let cursor: string = isSample ? randomUUID() : SYSTEM_ID;
    let hasWrapped = !isSample;
    for (let left = MAX_MEMBERS; left > 0 && !tally.isOver;) {
      const organizations = await this.repository.listOrganizations(parties, cursor, ORGANIZATIONS_AT_ONCE);
      const ids = organizations.map(({ id }) => id);
      const members = ids.length === 0 ? [] : await this.repository.listMembers(parties, ids, left);
      await this.measureOrganizations(organizations, members, change, tally);
      left -= members.length;
      if (ids.length === ORGANIZATIONS_AT_ONCE) cursor = ids.at(-1)!;
      else if (hasWrapped) return;
      else [cursor, hasWrapped] = [SYSTEM_ID, true];
    }
  }

  private async measureOrganizations(
    organizations: readonly OrganizationTexts[],
    members: readonly MemberOf[],
    { before, after, policy, parties }: SystemChange,
    tally: ImpactTally,
  ): Promise<void> {
    const judged = new Set<string>();
    const organizationOf = new Map(members.map(({ userId, organizationId }) => [userId, organizationId]));
    const measure = async (texts: ReadonlyMap<string, string>, isLast: boolean) => {
      const usersOf = new Map<string, string[]>();
      for (const [userId, text] of texts) {
        const id = organizationOf.get(userId)!;
        const users = usersOf.get(id);
        if (users === undefined) usersOf.set(id, [text]);
        else users.push(text);
      }
      const groups = organizations.flatMap(({ id, settings, policy: own }): ImpactGroup[] => {
        const users = usersOf.get(id) ?? [];
        const isFirst = !judged.has(id);
        if (users.length === 0 && !(isLast && isFirst)) return [];
        judged.add(id);
        const texts = { settings, policy: own };
        return [{ before: texts, after: texts, isFirst, users: countEqual(users) }];
      });
      const question = { before, after, groups };
      tally.add(await this.judge.measure(question, policy, parties));
    };
    let at = 0;
    do {
      const some = members.slice(at, at + MEMBERS_AT_ONCE).map(({ userId }) => userId);
      at += MEMBERS_AT_ONCE;
      const isEnd = at >= members.length;
      await this.eachTexts(parties, some, tally, (texts, isLast) => measure(texts, isLast && isEnd));
    } while (at < members.length && !tally.isOver);
  }

  /** Calls with the settings of these users, a bounded number of bytes at a time, until that has taken long enough. */
  private async eachTexts(
    parties: WaitingParties,
    userIds: readonly string[],
    tally: ImpactTally,
    work: (texts: ReadonlyMap<string, string>, isLast: boolean) => Promise<void>,
  ): Promise<void> {
    const left = new Set(userIds);
    do {
      const endLap = tally.startLap();
      const { texts, isAll } = await this.repository.findUserSettings(parties, [...left]);
      for (const id of texts.keys()) left.delete(id);
      if (isAll) {
        await work(new Map([...texts, ...[...left].map((id) => [id, EMPTY] as const)]), true);
        return endLap(texts.size + left.size);
      }
      await work(texts, false);
      endLap(texts.size);
    } while (!tally.isOver);
  }
}

/** The documents of a layer after the change, and its policy, if that is what is changed. */
function changed(
  document: SettingsDocument,
  by: 'system' | 'organization',
  before: LayerTexts,
  after: string,
): [LayerTexts, Policy | undefined] {
  if (!document.endsWith('policy')) return [{ ...before, settings: after }, undefined];
  return [{ ...before, policy: after }, after === EMPTY ? undefined : readPolicy(after, by)];
}

function countEqual(texts: Iterable<string>): [string, number][] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts];
}
