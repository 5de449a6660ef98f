import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { InvalidInputError } from '../errors/common.errors.js';
import { type KnownQuery, QUERY } from './request-query.decorator.js';
import { unknownName } from './unknown-name.js';
import { membersOf } from './validate-dto.js';

/**
 * Refuses a query parameter that the route does not have, or that is given twice, so that a typo does not change what a
 * request means. It stands behind the others, because 401, 404 and 403 come first.
 */
@Injectable()
export class QueryGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  /** @throws InvalidInputError */
  canActivate(context: ExecutionContext): boolean {
    const query = context.switchToHttp().getRequest<FastifyRequest>().query as Record<string, unknown>;
    // Most requests have no query, and pay no more than this.
    if (Object.keys(query).length > 0) {
      const targets = [context.getHandler(), context.getClass()];
      requireKnown(query, this.reflector.getAllAndOverride<KnownQuery | undefined>(QUERY, targets));
    }
    return true;
  }
}

function requireKnown(query: Record<string, unknown>, dto: KnownQuery | undefined): void {
  if (dto === 'any') return;
  const known = dto === undefined ? [] : membersOf(dto);
  for (const [name, value] of Object.entries(query)) {
    if (!known.includes(name)) throw new InvalidInputError(unknownName('parameter', name, known));
    if (typeof value !== 'string') throw new InvalidInputError(`${name} must be given only once`);
  }
}
