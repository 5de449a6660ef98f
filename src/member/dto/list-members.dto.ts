import { Transform } from 'class-transformer';
import { IsBoolean, IsInt, IsOptional, Max, Min } from 'class-validator';
import { ApiInteger } from '../../common/http/api-integer.decorator.js';
import { IsCursor, type Cursor } from './is-cursor.decorator.js';

/** The most that `limit` may ask for, and that a list has without it. */
export const MAX_LIMIT = 1_000;
export const DEFAULT_LIMIT = 10_000;

/** Which members to list. */
export class ListMembersDto {
  /** How many; absent: 10,000. */
  @ApiInteger({ required: false })
  @IsOptional()
  @Transform(({ value }) => (/^\d{1,9}$/.test(String(value)) ? Number(value) : (value as unknown)), {
    toClassOnly: true,
  })
  @IsInt({ message: 'limit must be a whole number' })
  @Min(1)
  @Max(MAX_LIMIT)
  limit?: number;

  /** Where the list before ended: take it from the `Link` header with `rel="next"` (RFC 8288). */
  @IsOptional()
  @IsCursor()
  after?: Cursor;

  /** Whether deleted members are listed, too. */
  @IsOptional()
  @Transform(({ value }) => (value === 'true' ? true : value === 'false' ? false : (value as unknown)), {
    toClassOnly: true,
  })
  @IsBoolean({ message: 'deleted must be true or false' })
  deleted: boolean = true;
}
