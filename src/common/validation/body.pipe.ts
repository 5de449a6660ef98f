import type { PipeTransform } from '@nestjs/common';
import type { ClassConstructor } from 'class-transformer';
import { InvalidInputError } from '../errors/common.errors.js';
import { isJsonObject, readJsonMembers, readJsonValue } from '../json/json-text.js';
import { unknownName } from './unknown-name.js';
import { membersOf, validateDto } from './validate-dto.js';

/** Makes a DTO of a request body; what the DTO does not declare is left out or, by a strict one, refused. */
export class BodyPipe<Dto extends object> implements PipeTransform<Buffer | undefined, Promise<Dto>> {
  constructor(
    private readonly dto: ClassConstructor<Dto>,
    private readonly options: { isStrict?: boolean } = {},
  ) {}

  /** @throws InvalidInputError */
  async transform(body: Buffer | undefined): Promise<Dto> {
    const { isStrict } = this.options;
    const value = isStrict ? readJsonValue(body) : readJsonMembers(body, membersOf(this.dto));
    if (!isJsonObject(value)) throw new InvalidInputError('the body must be an object');
    if (isStrict) this.requireKnown(Object.keys(value));
    return validateDto(this.dto, value);
  }

  private requireKnown(names: string[]): void {
    const known = membersOf(this.dto);
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) throw new InvalidInputError(unknownName('member', unknown, known));
  }
}
