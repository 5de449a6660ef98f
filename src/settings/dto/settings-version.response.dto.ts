import { ApiProperty } from '@nestjs/swagger';
import { ApiInteger } from '../../common/http/api-integer.decorator.js';
import { VERSION_OPERATIONS, type VersionOperation } from '../../history/operation.js';
import { JsonPatchOperationDto } from './settings.response.dto.js';

/** Who made a change. */
export class ActorDto {
  /** The id of the user or the service account; null when it was an operator, or somebody whose data was erased. */
  id: string | null;

  /** The user's email as it is now; null of a service account, and when there is no such user any more. */
  email: string | null;
}

/** One change of a settings document. */
export class SettingsVersionDto {
  /** The version that the change made. */
  @ApiInteger()
  version: number;

  /** When. */
  @ApiProperty({ format: 'date-time' })
  at: string;

  /**
   * How: `replace` (POST), `merge` (PUT), `delete-keys` (DELETE), `merge-patch` and `json-patch` (PATCH), `restore`, or
   * `baseline`, what the document was when its history began.
   */
  @ApiProperty({ enum: VERSION_OPERATIONS })
  operation: VersionOperation;

  /** Who. */
  actor: ActorDto;

  /**
   * What it touched, as JSON Pointers (RFC 6901): the first 100, of each the first 300 characters.
   *
   * @example ["/maxFileSize", "/security/requireMFA"]
   */
  paths: string[];

  /** The `X-Request-Id` of the request that made it. */
  requestId: string | null;

  /** That request's `Change-Reason`. */
  reason: string | null;
}

/** The reply to a request for the list of versions. */
export class ListSettingsVersionsResponseDto {
  /** Always true. */
  success: boolean;

  /** Newest first. */
  versions: SettingsVersionDto[];

  /** The `before` of the versions that follow; null when there are none. */
  @ApiInteger({ nullable: true })
  next: number | null;
}

/** The reply to a request for one version. */
export class GetSettingsVersionResponseDto {
  /** Always true. */
  success: boolean;

  @ApiInteger()
  version: number;

  /** When it was made. */
  @ApiProperty({ format: 'date-time' })
  at: string;

  /** The whole document as it was. */
  settings: Record<string, unknown>;
}

/** The reply to a request for a difference. */
export class DiffSettingsVersionsResponseDto {
  /** Always true. */
  success: boolean;

  @ApiInteger()
  from: number;

  @ApiInteger()
  to: number;

  /** What makes the one of the other, as a JSON Patch (RFC 6902). */
  @ApiProperty({ type: [JsonPatchOperationDto] })
  patch: JsonPatchOperationDto[];
}
