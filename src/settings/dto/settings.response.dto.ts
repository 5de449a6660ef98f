import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { PATCH_OPERATIONS, type PatchOperation } from '../json-patch.js';

const ANY_JSON = [
  { type: 'object' as const, additionalProperties: true },
  { type: 'array' as const, items: {} },
  { type: 'string' as const },
  { type: 'number' as const },
  { type: 'boolean' as const },
  { type: 'null' as const },
];

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

/** One operation of a JSON Patch (RFC 6902 §4). */
export class JsonPatchOperationDto {
  @ApiProperty({ enum: PATCH_OPERATIONS })
  op: PatchOperation;

  /**
   * Where, as a JSON Pointer (RFC 6901).
   *
   * @example "/security/requireMFA"
   */
  path: string;

  /** From where, as a JSON Pointer; only of `move` and `copy`. */
  from?: string;

  /** Any JSON value; only of `add`, `replace` and `test`. */
  @ApiProperty({ oneOf: ANY_JSON, required: false })
  value?: unknown;
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
}
