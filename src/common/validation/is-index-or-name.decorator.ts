import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';

/**
 * A value of a list, as its index or its name in the request and as its index in the DTO.
 *
 * @param maxIndex the greatest index that is no error, though the list may be shorter
 */
export function IsIndexOrName(
  kind: string,
  names: Readonly<Record<number, string>>,
  maxIndex = Object.keys(names).length - 1,
) {
  const all = Object.values(names);
  const schema = {
    oneOf: [
      { type: 'integer', minimum: 0 },
      { type: 'string', enum: all },
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
          `${problem?.property} must be the index or the name of ${kind} (${all.join(', ')})`,
      },
    }),
  );
}

function indexOf(names: Readonly<Record<number, string>>, value: unknown): unknown {
  const [index] = Object.entries(names).find(([, name]) => name === value) ?? [];
  return index === undefined ? value : Number(index);
}
