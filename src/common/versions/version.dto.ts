import { ApiProperty } from '@nestjs/swagger';
import { ApiInteger } from '../http/api-integer.decorator.js';

/** Who made a change. */
export class ActorDto {
  /** The id of the user or the service account; null when it was an operator, or somebody whose data was erased. */
  id: string | null;

  /** The user's email as it is now; null of a service account, and when there is no such user any more. */
  email: string | null;
}

/** One change of a document; how it was made differs by the document. */
export class VersionDto {
  /** The version that the change made. */
  @ApiInteger()
  version: number;

  /** When. */
  @ApiProperty({ format: 'date-time' })
  at: string;

  /** Who. */
  actor: ActorDto;

  /** What it touched, as JSON Pointers (RFC 6901): the first 100, of each the first 300 characters. */
  paths: string[];

  /** The `X-Request-Id` of the request that made it. */
  requestId: string | null;

  /** That request's `Change-Reason`. */
  reason: string | null;

  /** True where its content was thinned, so that it can no longer be shown, compared or restored; else absent. */
  thinned?: boolean;
}
