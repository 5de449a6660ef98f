import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { ApiInteger } from '../http/api-integer.decorator.js';
import { IsVersion } from './is-version.decorator.js';

export const MAX_VERSIONS = 100;

const Numeric = () =>
  Transform(({ value }) => (/^\d{1,9}$/.test(String(value)) ? Number(value) : (value as unknown)), {
    toClassOnly: true,
  });

/** Which versions to list. */
export class ListVersionsDto {
  /** How many. */
  @ApiInteger({ required: false })
  @IsOptional()
  @Numeric()
  @IsInt({ message: 'limit must be a whole number' })
  @Min(1)
  @Max(MAX_VERSIONS)
  limit: number = 20;

  /** Only versions below this one: the `next` of the list before. */
  @IsOptional()
  @IsVersion()
  before?: string;
}
