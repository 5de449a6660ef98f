import type { PipeTransform } from '@nestjs/common';
import type { ClassConstructor } from 'class-transformer';
import { validateDto } from './validate-dto.js';

/** Makes a DTO of a query string, of which `QueryGuard` has let pass only what the DTO declares. */
export class QueryPipe<Dto extends object> implements PipeTransform<object, Dto | Promise<Dto>> {
  constructor(private readonly dto: ClassConstructor<Dto>) {}

  /** @throws InvalidInputError */
  transform(query: object): Dto | Promise<Dto> {
    // Most requests have no query, so nothing is validated for them.
    for (const _name in query) return validateDto(this.dto, query);
    return new this.dto();
  }
}
