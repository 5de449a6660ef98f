import { IsOptional, Matches } from 'class-validator';

/** What to compare a version with. */
export class DiffVersionsDto {
  /** The version to start from, 0 being the empty document before the first write; by default the one before. */
  @IsOptional()
  @Matches(/^(0|[1-9]\d{0,17})$/, { message: 'from must be the number of a version' })
  from?: string;
}
