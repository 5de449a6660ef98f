import { ApiProperty } from '@nestjs/swagger';
import { PATCH_OPERATIONS, type PatchOperation } from '../json/patch-operation.js';

const ANY_JSON = [
  { type: 'object' as const, additionalProperties: true },
  { type: 'array' as const, items: {} },
  { type: 'string' as const },
  { type: 'number' as const },
  { type: 'boolean' as const },
  { type: 'null' as const },
];

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
