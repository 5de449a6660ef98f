import type { PipeTransform } from '@nestjs/common';
import type { ClassConstructor } from 'class-transformer';
import { InvalidInputError } from '../errors/common.errors.js';
import { isJsonObject, readJson } from '../json/json-text.js';
import { validateDto } from './validate-dto.js';

/** Makes a DTO of a request body; what the DTO does not declare is left out. */
export class BodyPipe<Dto extends object> implements PipeTransform<Buffer | undefined, Promise<Dto>> {
  constructor(private readonly dto: ClassConstructor<Dto>) {}

  /** @throws InvalidInputError */
  async transform(body: Buffer | undefined): Promise<Dto> {
    const { value } = readJson(body);
    if (!isJsonObject(value)) throw new InvalidInputError('the body must be an object');
    return validateDto(this.dto, value);
  }
}
