import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';

/** The last user of a page, in the order of the list: by email, then by id. */
export interface Cursor {
  readonly email: string;
  readonly id: string;
}

/** As a URL carries it. */
export function cursorText({ email, id }: Cursor): string {
  return Buffer.from(JSON.stringify([email, id])).toString('base64url');
}

/** A cursor, from its text. */
export const IsCursor = () =>
  applyDecorators(
    ApiProperty({ type: 'string', required: false }),
    Transform(({ value }) => readCursor(value) ?? (value as unknown), { toClassOnly: true }),
    ValidateBy({
      name: 'isCursor',
      validator: {
        validate: (value: unknown) => typeof value === 'object' && value !== null,
        defaultMessage: (problem) => `${problem?.property} must come from the Link header of a list`,
      },
    }),
  );

function readCursor(text: unknown): Cursor | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const cursor: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Array.isArray(cursor) || cursor.length !== 2) return undefined;
    const [email, id] = cursor as unknown[];
    const isText = (value: unknown) => typeof value === 'string' && value.isWellFormed() && !value.includes('\0');
    return isText(email) && isText(id) ? ({ email, id } as Cursor) : undefined;
  } catch {
    return undefined;
  }
}
