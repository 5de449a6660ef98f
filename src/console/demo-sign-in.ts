import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { UnauthorizedError } from '../auth/auth.errors.js';
import { bearerTokenOf } from '../auth/bearer-token.js';
import { TokenService } from '../auth/token.service.js';
import { RouteNotFoundError } from '../common/errors/common.errors.js';
import { DemoService } from '../demo/demo.service.js';

/** A working day. */
const TOKEN_SECONDS = 8 * 3_600;

const THIS_MACHINE = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

/**
 * Gives tokens of the demo users to who has the key of this start, which is in the address that the start prints.
 *
 * Only to a page of this service, on this machine: a name that somebody else had lead here (DNS rebinding) is another
 * host, and a page of another origin finds nothing here, whatever CORS allows it elsewhere.
 */
export function signInDemoUsers(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.post('/console/demo', { config: { openTo: 'all' } }, async (request, reply) => {
    if (!isOfThisMachine(request)) throw new RouteNotFoundError();
    const demo = app.get(DemoService);
    const key = bearerTokenOf(request);
    if (key === null) throw UnauthorizedError.missingToken();
    if (!demo.isKey(key)) throw UnauthorizedError.invalidToken('the token is not valid');
    const tokens = app.get(TokenService);
    const users = await demo.listUsers();
    return reply.header('cache-control', 'no-store').send({
      success: true,
      users: users.map(({ id, email, role }) => ({ email, role, token: tokens.issue(id, TOKEN_SECONDS) })),
    });
  });
}

function isOfThisMachine({ headers: { host = '', origin } }: FastifyRequest): boolean {
  return THIS_MACHINE.test(host) && (origin === undefined || origin === `http://${host}`);
}
