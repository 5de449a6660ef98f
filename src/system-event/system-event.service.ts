import { Injectable } from '@nestjs/common';
import { WRITING_ROLES } from '../auth/role.js';
import type { Caller } from '../organization/caller.js';
import { MembershipService } from '../organization/membership.service.js';
import { identityOf } from '../organization/organization.repository.js';
import { ServiceAccountRepository } from '../service-account/service-account.repository.js';
import { UserNotFoundError } from '../user/user.errors.js';
import { UserRepository } from '../user/user.repository.js';
import { EventDetails } from './event-details.js';
import { type Context, CONTEXTS, type EventFilter, EVENTS, type SystemEvent } from './system-event.js';
import { EventNotFoundError } from './system-event.errors.js';
import { SystemEventRepository, type View } from './system-event.repository.js';

/** How far back events are shown when nobody says. */
const DAY_MS = 86_400_000;

/**
 * Shows the changes that were made as events, and keeps who has read them.
 *
 * 1. Administrators and owners see all events of their organization, everybody else sees what they did and what was
 *    done to them. The role is the one that the database has now.
 * 2. No event shows the value of a secret, nor values of another user's settings.
 */
@Injectable()
export class SystemEventService {
  constructor(
    private readonly events: SystemEventRepository,
    private readonly memberships: MembershipService,
    private readonly users: UserRepository,
    private readonly services: ServiceAccountRepository,
    private readonly details: EventDetails,
  ) {}

  /**
   * @returns the newest first, and how many there are, up to 10,000; `more` says that there are more, or may be
   * @throws UserNotFoundError
   */
  async query(caller: Caller, filter: EventFilter): Promise<{ events: SystemEvent[]; total: number; more: boolean }> {
    const view = await this.viewOf(caller);
    const { userId, since } = view;
    if (filter.workspaceId != null) return { events: [], total: 0, more: false };
    const isOfAnyTime = filter.from !== undefined || filter.to !== undefined;
    const timed = isOfAnyTime ? filter : { ...filter, from: new Date(Date.now() - DAY_MS) };
    const [rows, count] = await Promise.all([this.events.find(view, timed), this.events.count(view, timed)]);
    const actorIds = rows.map(({ actorId }) => actorId);
    const actors = await this.users.findNames(actorIds, since);
    const services = await this.services.findNames(
      actorIds.filter((id) => !actors.has(id)),
      since,
    );
    const events = rows.map((row): SystemEvent => {
      const actor = actors.get(row.actorId);
      return {
        id: Number(row.id),
        timestamp: row.at,
        contextId: row.contextId,
        context: CONTEXTS[row.context as Context],
        event: EVENTS[row.event]!,
        orgId: row.organizationId,
        userId: row.actorId,
        userName:
          actor === undefined
            ? (services.get(row.actorId) ?? null)
            : [actor.name, actor.lastName].filter(Boolean).join(' '),
        userEmail: actor?.email ?? null,
        workspaceId: null,
        jsonData: this.details.textOf(row, userId),
        showUnread: row.isUnread,
      };
    });
    return { events, ...count };
  }

  /**
   * All of them, or none.
   *
   * @throws UserNotFoundError
   * @throws EventNotFoundError
   */
  async markRead(caller: Caller, ids: readonly number[]): Promise<void> {
    const view = await this.viewOf(caller);
    await this.requireVisible(view, ids);
    await this.events.markRead(view, ids);
  }

  /**
   * All of them, or none.
   *
   * @throws UserNotFoundError
   * @throws EventNotFoundError
   */
  async markUnread(caller: Caller, ids: readonly number[]): Promise<void> {
    const view = await this.viewOf(caller);
    await this.requireVisible(view, ids);
    await this.events.markUnread(view, ids);
  }

  private async requireVisible(view: View, ids: readonly number[]): Promise<void> {
    const visible = await this.events.findVisible(view, ids);
    const missing = ids.find((id) => !visible.has(id));
    if (missing !== undefined) throw new EventNotFoundError(missing);
  }

  private async viewOf(caller: Caller): Promise<View> {
    const { callerId: userId, since } = identityOf(caller);
    if ((await this.users.find(userId, since)).status !== 'active') throw new UserNotFoundError();
    const found = await this.memberships.lookUp(userId, since);
    return {
      userId,
      organizationId: found.status === 'member' ? found.organizationId : null,
      isAdministrator: found.status === 'member' && WRITING_ROLES.includes(found.role),
      since,
    };
  }
}
