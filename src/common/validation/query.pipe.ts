import type { PipeTransform } from '@nestjs/common';
import type { ClassConstructor } from 'class-transformer';
import { validateDto } from './validate-dto.js';

/** Makes a DTO of a query string; what the DTO does not declare is left out. */
export class QueryPipe<Dto extends object> implements PipeTransform<object, Promise<Dto>> {
  constructor(private readonly dto: ClassConstructor<Dto>) {}

  /** @throws InvalidInputError */
  transform(query: object): Promise<Dto> {
    return validateDto(this.dto, query);
  }
}
