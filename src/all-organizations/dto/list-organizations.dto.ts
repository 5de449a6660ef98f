import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { ApiInteger } from '../../common/http/api-integer.decorator.js';
import { IsDateTime } from '../../common/validation/is-date-time.decorator.js';

export const MAX_ORGANIZATIONS = 1000;

const Numeric = () =>
  Transform(({ value }) => (/^\d{1,9}$/.test(String(value)) ? Number(value) : (value as unknown)), {
    toClassOnly: true,
  });

/** Which organizations to list. */
export class ListOrganizationsDto {
  /** How many. */
  @ApiInteger({ required: false })
  @IsOptional()
  @Numeric()
  @IsInt({ message: 'limit must be a whole number' })
  @Min(1)
  @Max(MAX_ORGANIZATIONS)
  limit: number = 100;

  /** Only organizations whose id comes after this one; the `Link` of the reply names it for the next page. */
  @IsOptional()
  @ApiProperty({ format: 'uuid', required: false })
  @IsUUID('loose', { message: 'after must be a UUID' })
  after?: string;

  /**
   * Only organizations whose settings or profile were changed at that time or later, and those that were deleted: a
   * date-time with its offset from UTC (RFC 3339).
   */
  @IsOptional()
  @IsDateTime()
  changedSince?: Date;
}
