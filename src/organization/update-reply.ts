import type { FastifyReply } from 'fastify';
import { entityTagOf } from '../common/concurrency/preconditions.js';
import type { Profile } from './organization.repository.js';
import { shownProfile } from './profile-fields.js';

export const UPDATED = 'Organization updated successfully';

/** The body of the reply to a change, as text; the entity tag goes into its header. */
export function replyToUpdate(reply: FastifyReply, organizationId: string, { version, profile }: Profile): string {
  reply.header('ETag', entityTagOf(organizationId, version));
  return `{"success":true,"data":${shownProfile(profile)},"message":"${UPDATED}"}`;
}
