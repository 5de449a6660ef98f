import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';

export const MAX_VERSIONS = 100;

const Numeric = () =>
  Transform(({ value }) => (/^\d{1,9}$/.test(String(value)) ? Number(value) : (value as unknown)), {
    toClassOnly: true,
  });

/** Which versions to list. */
export class ListVersionsDto {
  /** How many, 1 to 100. */
  @IsOptional()
  @Numeric()
  @IsInt({ message: 'limit must be a whole number' })
  @Min(1)
  @Max(MAX_VERSIONS)
  limit: number = 20;

  /** Only versions below this one: the `next` of the list before. */
  @IsOptional()
  @Matches(/^(0|[1-9]\d{0,17})$/, { message: 'before must be the number of a version' })
  before?: string;
}
