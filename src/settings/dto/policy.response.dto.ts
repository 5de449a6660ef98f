import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { ApiInteger } from '../../common/http/api-integer.decorator.js';
import { ImpactDto } from './impact.dto.js';
import { JsonPatchOperationDto } from '../../common/versions/json-patch-operation.dto.js';
import { VersionDto } from '../../common/versions/version.dto.js';
import { POLICY_OPERATIONS } from '../../history/operation.js';
import { SettingsWrittenResponseDto } from './settings.response.dto.js';

/** The reply to a GET. */
export class GetPolicyResponseDto {
  /** Always true. */
  success: boolean;

  /** The whole policy; `{}` where there is none. */
  policy: Record<string, unknown>;
}

/** The reply to a write that was only tried: everything was checked, and nothing stored. */
export class PolicyDryRunResponseDto extends SettingsWrittenResponseDto {
  /** Always true. */
  @ApiProperty({ const: true } as ApiPropertyOptions)
  dryRun: true;

  /** The whole policy as it would be. */
  policy: Record<string, unknown>;

  /** What would change, as a JSON Patch (RFC 6902). */
  patch: JsonPatchOperationDto[];

  /** With `impact`: whom it would touch. */
  impact?: ImpactDto;
}

/** One change of a policy. */
export class PolicyVersionDto extends VersionDto {
  /**
   * How: `replace` (POST), `merge-patch` and `json-patch` (PATCH), `delete`, `restore`, or `baseline`, what the policy
   * was when its history began.
   */
  @ApiProperty({ enum: POLICY_OPERATIONS })
  operation: (typeof POLICY_OPERATIONS)[number];
}

/** The reply to a request for the list of versions. */
export class ListPolicyVersionsResponseDto {
  /** Always true. */
  success: boolean;

  /** Newest first. */
  versions: PolicyVersionDto[];

  /** The `before` of the versions that follow; null when there are none. */
  @ApiInteger({ nullable: true })
  next: number | null;
}

/** The reply to a request for one version. */
export class GetPolicyVersionResponseDto {
  /** Always true. */
  success: boolean;

  @ApiInteger()
  version: number;

  /** When it was made. */
  @ApiProperty({ format: 'date-time' })
  at: string;

  /** The whole policy as it was. */
  policy: Record<string, unknown>;
}
