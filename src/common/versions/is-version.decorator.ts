import { applyDecorators } from '@nestjs/common';
import { ValidateBy } from 'class-validator';
import { ApiInteger } from '../http/api-integer.decorator.js';

/** The number of a version, as text: PostgreSQL's bigint holds it, and JavaScript's number does not. */
export const VERSION_NUMBER = /^(0|[1-9]\d{0,17})$/;

/** The number of a version in a query, as text with all its digits. */
export const IsVersion = () =>
  applyDecorators(
    ApiInteger({ required: false, minimum: 0 }),
    ValidateBy({
      name: 'isVersion',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && VERSION_NUMBER.test(value),
        defaultMessage: () => '$property must be the number of a version',
      },
    }),
  );
