import { Injectable } from '@nestjs/common';
import type { WatchedDocument } from '../history/change-feed.js';
import { MembershipService } from '../organization/membership.service.js';
import { isOrganizationId } from '../organization/organization-id.js';
import { NotAssociatedError } from '../organization/organization.errors.js';
import { OrganizationRepository } from '../organization/organization.repository.js';
import { InsufficientScopeError, OrganizationRequiredError } from '../service-account/service-account.errors.js';
import { ServiceAccountRepository } from '../service-account/service-account.repository.js';
import { UserNotFoundError } from '../user/user.errors.js';
import { UserRepository } from '../user/user.repository.js';
import { WatchRightsRepository } from './watch-rights.repository.js';

/** Who watches what. */
export interface StreamSubject {
  readonly callerId: string;
  readonly isService: boolean;
  /** Whose documents; `'all'` is for a service account of all organizations. A user may have none. */
  readonly organizationId: string | undefined;
  readonly documents: readonly WatchedDocument[];
}

/** Why a stream ends for good: the right to read has gone, or the user is in another organization now. */
export type LostRight = 'forbidden' | 'moved';

/** How many members of one organization are looked for at a time. */
const MAX_MEMBERS = 1_000;

const OF_USER: readonly WatchedDocument[] = ['user-settings'];
const OF_MEMBER: readonly WatchedDocument[] = [
  'user-settings',
  'organization-settings',
  'organization-profile',
  'organization-policy',
  'system-settings',
  'system-policy',
];

/** Finds out what a caller may watch, always by what the database has now. */
@Injectable()
export class WatchRightsService {
  constructor(
    private readonly memberships: MembershipService,
    private readonly users: UserRepository,
    private readonly services: ServiceAccountRepository,
    private readonly organizations: OrganizationRepository,
    private readonly rights: WatchRightsRepository,
  ) {}

  /**
   * @param organizationId the one that a service account names
   * @param since when the request came to wait, on the clock of `performance.now()`
   * @throws UserNotFoundError
   * @throws NotAssociatedError when a service account may not act on that organization
   * @throws OrganizationRequiredError when one of a single organization names none
   * @throws InsufficientScopeError when one may read neither settings nor profiles
   */
  async admit(callerId: string, organizationId: string | undefined, since: number): Promise<StreamSubject> {
    const found = await this.memberships.lookUp(callerId, since);
    if (found.status === 'no-such-user') return this.admitService(callerId, organizationId, since);
    const user = { callerId, isService: false };
    if (found.status === 'member') return { ...user, organizationId: found.organizationId, documents: OF_MEMBER };
    if ((await this.users.find(callerId, since)).status !== 'active') throw new UserNotFoundError();
    return { ...user, organizationId: undefined, documents: OF_USER };
  }

  /** Why the subject may no longer watch what it watches; `undefined` if it still may. */
  async recheck(subject: StreamSubject): Promise<LostRight | undefined> {
    const { callerId, isService, organizationId, documents } = subject;
    const since = performance.now();
    if (isService) {
      const named = organizationId === 'all' ? undefined : organizationId;
      const now = await this.admitService(callerId, named, since).catch(undefinedIfRefused);
      const mayStill =
        now !== undefined &&
        now.organizationId === organizationId &&
        documents.every((document) => now.documents.includes(document));
      return mayStill ? undefined : 'forbidden';
    }
    const found = await this.memberships.lookUp(callerId, since);
    if (found.status === 'member') return found.organizationId === organizationId ? undefined : 'moved';
    if (organizationId !== undefined) return 'forbidden';
    return (await this.users.find(callerId, since)).status === 'active' ? undefined : 'forbidden';
  }

  /**
   * The same for many at once, most of whom still may; those have no entry. Members of one organization are looked for
   * together.
   *
   * @param min where there are fewer, each is looked for alone, and shares statements with those of others
   */
  async recheckAll(subjects: Iterable<StreamSubject>, min = 1): Promise<Map<StreamSubject, LostRight>> {
    const lost = new Map<StreamSubject, LostRight>();
    const one = async (subject: StreamSubject, alike: readonly StreamSubject[]) => {
      const right = await this.recheck(subject);
      if (right !== undefined) for (const each of alike) lost.set(each, right);
    };
    const members = new Map<string, StreamSubject[]>();
    const others = new Map<string, StreamSubject[]>();
    for (const subject of subjects) {
      const { callerId, isService, organizationId } = subject;
      if (isService || organizationId === undefined) put(others, `${callerId} ${organizationId}`, subject);
      else put(members, organizationId, subject);
    }
    await Promise.all([
      ...[...others.values()].map((alike) => one(alike[0]!, alike)),
      ...[...members].map(async ([organizationId, watching]) => {
        if (watching.length < min) {
          await Promise.all(watching.map((subject) => one(subject, [subject])));
          return;
        }
        for (let at = 0; at < watching.length; at += MAX_MEMBERS) {
          const some = watching.slice(at, at + MAX_MEMBERS);
          const found = await this.rights.findMembers(
            organizationId,
            some.map(({ callerId }) => callerId),
          );
          for (const subject of some) if (!found.has(subject.callerId)) await one(subject, [subject]);
        }
      }),
    ]);
    return lost;
  }

  private async admitService(
    callerId: string,
    organizationId: string | undefined,
    since: number,
  ): Promise<StreamSubject> {
    const service = await this.services.findActive(callerId, since);
    if (service === null) throw new UserNotFoundError();
    if (organizationId === undefined) {
      if (service.organizationId !== null) throw new OrganizationRequiredError();
    } else if (
      !isOrganizationId(organizationId) ||
      (service.organizationId ?? organizationId) !== organizationId ||
      !(await this.organizations.isActive(organizationId, callerId, since))
    ) {
      throw new NotAssociatedError();
    }
    const documents: WatchedDocument[] = [];
    if (service.scopes.includes('settings:read')) {
      documents.push('organization-settings', 'organization-policy', 'system-settings', 'system-policy');
    }
    if (service.scopes.includes('organization:read')) documents.push('organization-profile');
    if (documents.length === 0) throw new InsufficientScopeError('settings:read');
    return { callerId, isService: true, organizationId: organizationId ?? 'all', documents };
  }
}

function put<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

/** A refusal is an answer; anything else leaves it open whether the right is there. */
function undefinedIfRefused(error: unknown): undefined {
  const isRefusal =
    error instanceof UserNotFoundError ||
    error instanceof NotAssociatedError ||
    error instanceof OrganizationRequiredError ||
    error instanceof InsufficientScopeError;
  if (!isRefusal) throw error;
}
