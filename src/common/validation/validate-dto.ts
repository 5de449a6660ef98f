import { type ClassConstructor, plainToInstance } from 'class-transformer';
import { validate, type ValidationError } from 'class-validator';
import { InvalidInputError } from '../errors/common.errors.js';

/**
 * Makes a DTO of plain values and validates it. Members without a decorator are left out, nothing is coerced.
 *
 * A DTO is flat: a nested value is wrong wherever it stands, so its inside is not looked at, however deep it goes.
 *
 * @throws InvalidInputError whose detail names each wrong member.
 */
export async function validateDto<T extends object>(dto: ClassConstructor<T>, plain: object): Promise<T> {
  const flat = Object.fromEntries(Object.entries(plain).map(([key, value]) => [key, isNested(value) ? {} : value]));
  const instance = plainToInstance(dto, flat);
  const errors = await validate(instance, { whitelist: true });
  if (errors.length > 0) throw new InvalidInputError(messagesOf(errors).join('; '));
  return instance;
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** One message for each wrong property. */
export function messagesOf(errors: ValidationError[]): string[] {
  return errors.map((error) => Object.values(error.constraints ?? {})[0] ?? `${error.property} is invalid`);
}
