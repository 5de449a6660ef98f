import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';
import { readDateTime } from './date-time.js';

const MUST_BE = 'must be a date-time with an offset, such as 2026-11-21T12:00:00Z';

/** A date-time with its offset from UTC (RFC 3339 §5.6), as text in the request and as a `Date` in the DTO. */
export function IsDateTime() {
  return applyDecorators(
    ApiProperty({ type: 'string', format: 'date-time', required: false }),
    Transform(({ value }) => dateOf(value) ?? (value as unknown), { toClassOnly: true }),
    ValidateBy({
      name: 'isDateTime',
      validator: {
        validate: (value: unknown) => value instanceof Date,
        defaultMessage: (problem) => `${problem?.property} ${MUST_BE}${problemOf(problem?.value)}`,
      },
    }),
  );
}

function dateOf(value: unknown): Date | undefined {
  const read = typeof value === 'string' ? readDateTime(value) : undefined;
  return read instanceof Date ? read : undefined;
}

function problemOf(value: unknown): string {
  const read = typeof value === 'string' ? readDateTime(value) : undefined;
  return typeof read === 'string' && read !== '' ? `: ${read}` : '';
}
