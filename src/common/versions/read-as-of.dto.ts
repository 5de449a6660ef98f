import { IsOptional } from 'class-validator';
import { IsDateTime } from '../validation/is-date-time.decorator.js';

/** As of when to read. */
export class ReadAsOfDto {
  /** The document as it was then: a date-time with its offset from UTC (RFC 3339). */
  @IsOptional()
  @IsDateTime()
  at?: Date;
}
