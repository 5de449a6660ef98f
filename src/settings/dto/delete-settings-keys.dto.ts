import { ApiProperty } from '@nestjs/swagger';

/** The most keys that one request deletes. */
export const MAX_KEYS = 256;

/** Which keys to delete. */
export class DeleteSettingsKeysDto {
  /**
   * The keys, 1 to 256 of them. A key is the exact name of a top-level setting or, where there is none of that name,
   * a path whose segments are separated by dots; `\.` stands for a dot within a name and `\\` for a backslash.
   *
   * @example ["retentionPolicy", "security.requireMFA"]
   */
  @ApiProperty({ type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1, maxItems: MAX_KEYS })
  keys: string[];
}
