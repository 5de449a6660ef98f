import { Injectable } from '@nestjs/common';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { validateDto } from '../common/validation/validate-dto.js';
import { type HistoryContext, OPERATOR_CONTEXTS } from '../history/change-context.js';
import { ServiceAccountRepository } from '../service-account/service-account.repository.js';
import { EventDetails } from '../system-event/event-details.js';
import { CONTEXTS } from '../system-event/system-event.js';
import { UserRepository } from '../user/user.repository.js';
import { UnknownOrganizationError } from './admin.errors.js';
import { AdministrationRepository } from './administration.repository.js';
import { ShowHistoryDto } from './dto/show-history.dto.js';
import { HistoryRepository, type HistoryRow } from './history.repository.js';

/** How many changes are read at once. */
const PAGE = 1000;

const CONTEXT_NAMES: Readonly<Record<HistoryContext, string>> = { ...CONTEXTS, ...OPERATOR_CONTEXTS };

/** Shows an operator who changed what, when and why. */
@Injectable()
export class HistoryService {
  constructor(
    private readonly changes: HistoryRepository,
    private readonly administration: AdministrationRepository,
    private readonly users: UserRepository,
    private readonly services: ServiceAccountRepository,
    private readonly details: EventDetails,
  ) {}

  /**
   * A line of JSON for each change, the newest first; values are masked as those of events.
   *
   * @throws InvalidInputError
   * @throws UnknownOrganizationError
   */
  async *show(plain: object): AsyncGenerator<string> {
    const { organization, system, user, since = null } = await validateDto(ShowHistoryDto, plain);
    if ((organization === undefined) === (system === undefined)) {
      throw new InvalidInputError('either organization or system is required');
    }
    if (organization !== undefined && (await this.administration.findOrganization(organization)) === null) {
      throw new UnknownOrganizationError(organization);
    }
    const filter = { partyId: await this.idOf(user), since };
    // Changes of several users may share an id, so each page begins with those of the last one's id.
    let known = new Set<string>();
    for (let upTo: string | null = null; ;) {
      const page: HistoryRow[] =
        organization === undefined
          ? await this.changes.findOfSystem(filter, upTo, PAGE)
          : await this.changes.findOfOrganization(organization, filter, upTo, PAGE);
      yield* await this.linesOf(page.filter((row) => !known.has(keyOf(row))));
      if (page.length < PAGE) return;
      upTo = page.at(-1)!.id;
      known = new Set(page.filter(({ id }) => id === upTo).map(keyOf));
    }
  }

  private async idOf(user: string | undefined): Promise<string | null> {
    if (user === undefined) return null;
    return user.includes('@') ? ((await this.administration.findUserByEmail(user))?.id ?? user) : user;
  }

  private async linesOf(rows: readonly HistoryRow[]): Promise<string[]> {
    const actorIds = rows.map(({ actorId }) => actorId);
    const users = await this.users.findNames(actorIds, performance.now());
    const services = await this.services.findNames(
      actorIds.filter((id) => !users.has(id)),
      performance.now(),
    );
    return rows.map((row) => {
      const { at, context, contextId, actorId, operator } = row;
      const who = {
        at,
        actorId,
        actor: users.get(actorId)?.email ?? services.get(actorId) ?? null,
        operator,
        context: CONTEXT_NAMES[context],
        contextId,
      };
      return `${JSON.stringify(who).slice(0, -1)},${this.details.textOf(row).slice(1)}\n`;
    });
  }
}

function keyOf({ context, contextId, version }: HistoryRow): string {
  return `${context} ${version} ${contextId}`;
}
