import { IsOptional } from 'class-validator';
import { IsDateTime } from '../../common/validation/is-date-time.decorator.js';

/** As of when to read. */
export class ReadSettingsDto {
  @IsOptional()
  @IsDateTime()
  at?: string;
}
