import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ValidateBy, type ValidationOptions } from 'class-validator';

/** C0 and C1 control characters, DEL, and the two Unicode line separators. */
const CONTROL_CHARACTER = /[\p{Cc}\u2028\u2029]/u;

/**
 * One line of text: trimmed first, then `min` to `max` characters (code points), well-formed Unicode, no control
 * characters.
 */
export function IsPlainText({ min = 0, max }: { min?: number; max: number }, options?: ValidationOptions) {
  return applyDecorators(
    ApiProperty({ maxLength: max, ...(min > 0 && { minLength: min }) }),
    Transform(({ value }) => (typeof value === 'string' ? value.trim() : (value as unknown)), { toClassOnly: true }),
    ValidateBy(
      {
        name: 'isPlainText',
        validator: {
          validate: (value: unknown) => plainTextProblemOf(value, { min, max }) === undefined,
          defaultMessage: (problem) => `${problem?.property} ${plainTextProblemOf(problem?.value, { min, max })}`,
        },
      },
      options,
    ),
  );
}

/** Why a value is not such a line, worded to follow its name; the value must be trimmed already. */
export function plainTextProblemOf(
  value: unknown,
  { min = 0, max }: { min?: number; max: number },
): string | undefined {
  if (typeof value !== 'string') return 'must be a string';
  if (!value.isWellFormed()) return 'must not contain a lone surrogate';
  if (CONTROL_CHARACTER.test(value)) return 'must not contain control characters';
  const length = [...value].length;
  if (length < min) return min === 1 ? 'must not be empty' : `must have at least ${min} characters`;
  if (length > max) return `must have at most ${max} characters`;
  return undefined;
}
