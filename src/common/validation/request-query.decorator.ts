import { Query, SetMetadata } from '@nestjs/common';
import type { ClassConstructor } from 'class-transformer';
import { QueryPipe } from './query.pipe.js';

/** The metadata of a handler or a controller that says which query parameters it takes. */
export const QUERY = 'query';

/** The DTO whose members are the known parameters, or any parameter. */
export type KnownQuery = ClassConstructor<object> | 'any';

/**
 * Gives a handler its query as a DTO; a handler has one at most. The members of the DTO are the route's parameters: in
 * the OpenAPI document, and for `QueryGuard`, which refuses all others. A route without a DTO has none.
 */
export function RequestQuery(dto: ClassConstructor<object>): ParameterDecorator {
  return (prototype, method, index) => {
    Query(new QueryPipe(dto))(prototype, method, index);
    Reflect.defineMetadata(QUERY, dto, (prototype as Record<string | symbol, object>)[method!]!);
  };
}

/** Accepts any query: for routes called by probes, collectors and browsers, which add parameters of their own. */
export const AnyQuery = () => SetMetadata<string, KnownQuery>(QUERY, 'any');
