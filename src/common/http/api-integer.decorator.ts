import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';

/** Documents a whole number, an id, a version or a count, which the compiler knows as any number. */
export const ApiInteger = (options: ApiPropertyOptions = {}) =>
  ApiProperty({ type: 'integer', format: 'int64', ...options });
