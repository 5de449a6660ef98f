import type { FastifyReply } from 'fastify';

/** Notes that a reply differs by a request header (RFC 9110 §12.5.5), beside those that are noted already. */
export function addVary(reply: FastifyReply, name: string): void {
  const noted = reply.getHeader('vary');
  reply.header('vary', noted === undefined ? name : `${String(noted)}, ${name}`);
}
