import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { ImpactDto } from './impact.dto.js';
import { JsonPatchOperationDto } from '../../common/versions/json-patch-operation.dto.js';

/** The reply to a GET. */
export class GetSettingsResponseDto {
  /** Always true. */
  success: boolean;

  /** The whole document; `{}` before the first write. */
  settings: Record<string, unknown>;
}

/** The reply to a write. */
export class SettingsWrittenResponseDto {
  /** Always true. */
  success: boolean;

  /** What was done. */
  message: string;
}

/** The reply to a write that was only tried: everything was checked, and nothing stored. */
export class SettingsDryRunResponseDto extends SettingsWrittenResponseDto {
  /** Always true. */
  @ApiProperty({ const: true } as ApiPropertyOptions)
  dryRun: true;

  /** The whole document as it would be. */
  settings: Record<string, unknown>;

  /** What would change, as a JSON Patch (RFC 6902). */
  patch: JsonPatchOperationDto[];

  /** With `impact`: whom it would touch. */
  impact?: ImpactDto;
}
