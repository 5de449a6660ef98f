import { ApiInteger } from '../../common/http/api-integer.decorator.js';
import { CONTEXTS, type ContextName, type EventName, EVENTS } from '../system-event.js';
import { ApiProperty } from '@nestjs/swagger';

/** One thing that happened. */
export class SystemEventDto {
  /** Grows with time. */
  @ApiInteger()
  id: number;

  /** When it happened. */
  timestamp: Date;

  /** The id of the user or organization that it is about. */
  contextId: string;

  /** What it is about. */
  @ApiProperty({ enum: Object.values(CONTEXTS) })
  context: ContextName;

  /** What happened. */
  @ApiProperty({ enum: EVENTS })
  event: EventName;

  /** The organization that it belongs to; null for what a user without one did. */
  orgId: string | null;

  /** The user or the service account who did it; null when it was an operator, or somebody whose data was erased. */
  userId: string | null;

  /** Their name, as it is now. */
  userName: string | null;

  /** Their email, as it is now; a service account has none. */
  userEmail: string | null;

  /** Always null: this service knows no workspaces. */
  @ApiProperty({ type: 'null' })
  workspaceId: null;

  /**
   * More of it, as JSON text: `version`, `operation`, `patch` (a JSON Patch, RFC 6902, of at most 50 operations),
   * `operations` (how many there are), `requestId`, `reason` and, where a user was invited, `invited`. Values of
   * secrets, and those of other users' settings, are `"***"`; in the place of a value of more than 1,000 bytes stands
   * its length as `valueBytes`. An event whose content was thinned has at most 100 operations without values.
   */
  jsonData: string | null;

  /** Whether the caller has not marked it as read. */
  showUnread: boolean;
}

/** The reply to a request for events. */
export class QueryEventsResponseDto {
  /** Newest first. */
  events: SystemEventDto[];

  /** How many meet the conditions, up to 10,000. With conditions beside the time, of the newest 50,000. */
  @ApiInteger()
  total: number;

  /** True where there are more, or may be; else it is left out. */
  more?: boolean;

  @ApiInteger()
  skip: number;

  @ApiInteger()
  take: number;
}

/** The reply to a request that marks events. */
export class MarkEventsResponseDto {
  /** Always true. */
  success: boolean;
}
