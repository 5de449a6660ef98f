import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from './caller.js';

/** Who sends the request, as the guard found out. */
export const RequestCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<FastifyRequest>().caller,
);

declare module 'fastify' {
  interface FastifyRequest {
    /** On every route but public ones. On what is for service accounts of all organizations, that is the system's. */
    caller: Caller;
  }
}
