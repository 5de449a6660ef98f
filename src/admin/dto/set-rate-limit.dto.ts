import { IsInt, Max, Min, ValidateIf } from 'class-validator';

const message = 'per-minute must be an integer from 0 to 1000000000, or default';

export class SetRateLimitDto {
  /** 0 for any number; null for what other callers may. */
  @ValidateIf(({ perMinute }: SetRateLimitDto) => perMinute !== null)
  @IsInt({ message })
  @Min(0, { message })
  @Max(1_000_000_000, { message })
  perMinute: number | null;
}
