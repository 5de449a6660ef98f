import { IsOptional } from 'class-validator';
import { IsVersion } from './is-version.decorator.js';

/** What to compare a version with. */
export class DiffVersionsDto {
  /** The version to start from, 0 being that before the first change; by default the one before. */
  @IsOptional()
  @IsVersion()
  from?: string;
}
