import { type ClassConstructor, plainToInstance } from 'class-transformer';
import { getMetadataStorage, validate, type ValidationError } from 'class-validator';
import { InvalidInputError } from '../errors/common.errors.js';

/**
 * Makes a DTO of plain values and validates it. Members that the DTO does not declare are left out, nothing is coerced.
 *
 * Only the declared members are inspected, and no deeper than the elements of an array, because a DTO is flat: so the
 * cost depends on the DTO and not on how wide or deep a caller's object is.
 *
 * @throws InvalidInputError whose detail names each wrong member.
 */
export async function validateDto<T extends object>(dto: ClassConstructor<T>, plain: object): Promise<T> {
  const declared = new Map(
    membersOf(dto)
      .filter((member) => Object.hasOwn(plain, member))
      .map((member) => [member, (plain as Record<string, unknown>)[member]]),
  );
  for (const [member, value] of declared) declared.set(member, flattened(value));
  const instance = plainToInstance(dto, Object.fromEntries(declared));
  const errors = await validate(instance);
  if (errors.length > 0) throw new InvalidInputError(messagesOf(errors).join('; '));
  return instance;
}

const MEMBERS = new WeakMap<ClassConstructor<object>, string[]>();

/** The members that a DTO declares: those that have a rule; inherited ones first. */
export function membersOf(dto: ClassConstructor<object>): readonly string[] {
  let members = MEMBERS.get(dto);
  if (members === undefined) {
    const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
    const inherited = rules.filter(({ target }) => target !== dto);
    members = [...new Set([...inherited, ...rules].map((rule) => rule.propertyName))];
    MEMBERS.set(dto, members);
  }
  return members;
}

/** More than any DTO allows. */
const MAX_ELEMENTS = 10_000;

function flattened(value: unknown): unknown {
  if (Array.isArray(value))
    return value.slice(0, MAX_ELEMENTS).map((element: unknown) => (isNested(element) ? {} : element));
  return isNested(value) ? {} : value;
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** One message for each wrong property, the one about its type first. */
export function messagesOf(errors: ValidationError[]): string[] {
  return errors.map(({ constraints = {}, property }) => {
    return constraints['isArray'] ?? constraints['isInt'] ?? Object.values(constraints)[0] ?? `${property} is invalid`;
  });
}
