import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';

/**
 * A value of a list, as its index or its name in the request and as its index in the DTO.
 *
 * @param maxIndex the greatest index that is no error, though the list may be shorter
 */
export function IsIndexOrName(kind: string, names: readonly string[], maxIndex = names.length - 1) {
  const schema = {
    oneOf: [
      { type: 'integer', minimum: 0 },
      { type: 'string', enum: [...names] },
    ],
  };
  return applyDecorators(
    ApiProperty({ ...schema, type: undefined, required: false }),
    Transform(({ value }) => indexOf(names, value), { toClassOnly: true }),
    ValidateBy({
      name: 'isIndexOrName',
      validator: {
        validate: (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= maxIndex,
        defaultMessage: (problem) =>
          `${problem?.property} must be the index or the name of ${kind} (${names.join(', ')})`,
      },
    }),
  );
}

function indexOf(names: readonly string[], value: unknown): unknown {
  const index = typeof value === 'string' ? names.indexOf(value) : -1;
  return index === -1 ? value : index;
}
