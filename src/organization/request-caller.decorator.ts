import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AuthenticatedRequest } from '../auth/principal.js';
import type { Caller, ServiceCaller } from './caller.js';

/** Who asks, as the guard found out. */
export const RequestCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { serviceCaller, user } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  return serviceCaller ?? user;
});

declare module 'fastify' {
  interface FastifyRequest {
    /** Where it is a service account that asks, and not a user. */
    serviceCaller?: ServiceCaller;
  }
}
