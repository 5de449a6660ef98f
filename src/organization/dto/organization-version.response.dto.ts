import { ApiProperty } from '@nestjs/swagger';
import { ApiInteger } from '../../common/http/api-integer.decorator.js';
import { JsonPatchOperationDto } from '../../common/versions/json-patch-operation.dto.js';
import { VersionDto } from '../../common/versions/version.dto.js';
import { PROFILE_OPERATIONS, type ProfileOperation } from '../profile-change.js';
import { OrganizationResponseDto } from './organization.response.dto.js';

/** One change of a profile. */
export class OrganizationVersionDto extends VersionDto {
  /**
   * How: `create` with the organization, `update` (PUT), `restore`, or `baseline`, what the profile was when its
   * history began.
   */
  @ApiProperty({ enum: PROFILE_OPERATIONS })
  operation: ProfileOperation;
}

export class OrganizationVersionsDto {
  /** Newest first. */
  versions: OrganizationVersionDto[];

  /** The `before` of the versions that follow; null when there are none. */
  @ApiInteger({ nullable: true })
  next: number | null;
}

/** The reply to a request for the list of versions. */
export class ListOrganizationVersionsResponseDto {
  /** Always true. */
  success: boolean;

  data: OrganizationVersionsDto;
}

export class OrganizationAtVersionDto {
  @ApiInteger()
  version: number;

  /** When it was made. */
  @ApiProperty({ format: 'date-time' })
  at: string;

  /** The profile as it was. */
  profile: OrganizationResponseDto;
}

/** The reply to a request for one version. */
export class GetOrganizationVersionResponseDto {
  /** Always true. */
  success: boolean;

  data: OrganizationAtVersionDto;
}

export class OrganizationDiffDto {
  @ApiInteger()
  from: number;

  @ApiInteger()
  to: number;

  /** What makes the one of the other, as a JSON Patch (RFC 6902). */
  @ApiProperty({ type: [JsonPatchOperationDto] })
  patch: JsonPatchOperationDto[];
}

/** The reply to a request for a difference. */
export class DiffOrganizationVersionsResponseDto {
  /** Always true. */
  success: boolean;

  data: OrganizationDiffDto;
}
