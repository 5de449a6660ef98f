import { type ClassConstructor, plainToInstance } from 'class-transformer';
import { validate, type ValidationError } from 'class-validator';
import { InvalidInputError } from '../errors/common.errors.js';

/**
 * Makes a DTO of plain values and validates it. Members without a decorator are left out, nothing is coerced.
 *
 * @throws InvalidInputError whose detail names each wrong member.
 */
export async function validateDto<T extends object>(dto: ClassConstructor<T>, plain: object): Promise<T> {
  const instance = plainToInstance(dto, plain);
  const errors = await validate(instance, { whitelist: true });
  if (errors.length > 0) throw new InvalidInputError(messagesOf(errors).join('; '));
  return instance;
}

/** One message for each wrong property. */
export function messagesOf(errors: ValidationError[]): string[] {
  return errors.map((error) => Object.values(error.constraints ?? {})[0] ?? `${error.property} is invalid`);
}
