import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { ApiInteger } from '../../common/http/api-integer.decorator.js';
import { IsDateTime } from '../../common/validation/is-date-time.decorator.js';
import { MAX_WAIT_SECONDS } from '../../watch/wait-preference.js';

const MESSAGE = { message: `wait must be a whole number of seconds from 1 to ${MAX_WAIT_SECONDS}` };

const Numeric = () =>
  Transform(({ value }) => (/^\d{1,9}$/.test(String(value)) ? Number(value) : (value as unknown)), {
    toClassOnly: true,
  });

/** As of when to read, or for how long to wait for something new. */
export class ReadSettingsDto {
  /** The document as it was then: a date-time with its offset from UTC (RFC 3339). */
  @IsOptional()
  @IsDateTime()
  at?: Date;

  /**
   * With `If-None-Match`: for how many seconds at most the reply may wait for another version than the one that the
   * caller has. `Prefer: wait` (RFC 7240) means the same.
   */
  @ApiInteger({ required: false })
  @IsOptional()
  @Numeric()
  @IsInt(MESSAGE)
  @Min(1, MESSAGE)
  @Max(MAX_WAIT_SECONDS, MESSAGE)
  wait?: number;
}
