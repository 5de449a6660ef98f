import { IsBoolean, IsInt, IsOptional, Max, Min, ValidateBy } from 'class-validator';
import { isUserId } from '../../auth/principal.js';
import { ApiInteger } from '../../common/http/api-integer.decorator.js';
import { IsDateTime } from '../../common/validation/is-date-time.decorator.js';
import { IsIndexOrName } from '../../common/validation/is-index-or-name.decorator.js';
import { CONTEXTS, EVENTS } from '../system-event.js';

export const MAX_TAKE = 100;

/** More than anybody pages through, and less than what PostgreSQL counts with. */
const MAX_SKIP = 1_000_000;
const MAX_CONTEXT = 32_767;

/** Ids are opaque, so anything that the database can keep as text goes. */
const IsId = () =>
  ValidateBy({
    name: 'isId',
    validator: { validate: isUserId, defaultMessage: (problem) => `${problem?.property} must be an id` },
  });

/** Which events to show: those that meet every condition given. Any other member is refused. */
export class QueryEventsDto {
  /**
   * From then on: a date-time with its offset from UTC. With neither limit of time, the last 24 hours.
   *
   * @example "2026-11-21T00:00:00Z"
   */
  @IsOptional()
  @IsDateTime()
  from_timestamp?: Date;

  /**
   * Until then.
   *
   * @example "2026-11-22T00:00:00Z"
   */
  @IsOptional()
  @IsDateTime()
  to_timestamp?: Date;

  /** The id of what the event is about: of a user or of an organization. */
  @IsOptional()
  @IsId()
  contextId?: string;

  /**
   * What the event is about, by its index or by its name: 3 user, 4 org, 7 usersettings, 8 orgsettings,
   * 100 orgpolicy, 104 impact, which is created when somebody asks whom a change would touch. (0 workspace, 1 bucket,
   * 2 repo, 5 workspaceuser and 6 apikey do not happen in this service.)
   */
  @IsOptional()
  @IsIndexOrName('a context', CONTEXTS, MAX_CONTEXT)
  context?: number;

  /** What happened, by its index or by its name: 0 created, 1 updated, 2 deleted. */
  @IsOptional()
  @IsIndexOrName('an event', EVENTS)
  event?: number;

  /** Who did it. */
  @IsOptional()
  @IsId()
  userId?: string;

  /** No event of this service has a workspace. */
  @IsOptional()
  @IsId()
  workspaceId?: string;

  /** Only events that the caller has not marked as read. */
  @IsOptional()
  @IsBoolean({ message: 'showUnread must be true or false' })
  showUnread?: boolean;

  /** How many of the newest to leave out. */
  @ApiInteger({ required: false })
  @IsInt({ message: 'skip must be a whole number' })
  @Min(0)
  @Max(MAX_SKIP)
  skip: number = 0;

  /** How many to show, at most 100. */
  @ApiInteger({ required: false })
  @IsInt({ message: 'take must be a whole number' })
  @Min(1)
  @Max(MAX_TAKE)
  take: number = MAX_TAKE;
}
