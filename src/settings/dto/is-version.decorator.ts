import { applyDecorators } from '@nestjs/common';
import { ValidateBy } from 'class-validator';
import { ApiInteger } from '../../common/http/api-integer.decorator.js';

/** The number of a version in a query, as text with all its digits. */
export const IsVersion = () =>
  applyDecorators(
    ApiInteger({ required: false, minimum: 0 }),
    ValidateBy({
      name: 'isVersion',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && /^(0|[1-9]\d{0,17})$/.test(value),
        defaultMessage: () => '$property must be the number of a version',
      },
    }),
  );
