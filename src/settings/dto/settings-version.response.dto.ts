import { ApiProperty } from '@nestjs/swagger';
import { ApiInteger } from '../../common/http/api-integer.decorator.js';
import { SETTINGS_OPERATIONS } from '../../history/operation.js';
import { JsonPatchOperationDto } from '../../common/versions/json-patch-operation.dto.js';
import { VersionDto } from '../../common/versions/version.dto.js';

/** One change of a settings document. */
export class SettingsVersionDto extends VersionDto {
  /**
   * How: `replace` (POST), `merge` (PUT), `delete-keys` (DELETE), `merge-patch` and `json-patch` (PATCH), `restore`, or
   * `baseline`, what the document was when its history began.
   */
  @ApiProperty({ enum: SETTINGS_OPERATIONS })
  operation: (typeof SETTINGS_OPERATIONS)[number];
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
