import type { FastifyReply } from 'fastify';
import type { Content } from './content.js';
import type { ChangedSettings } from './settings.service.js';

/** The body of the reply to a change, as text because it may hold a document; the entity tag goes into its header. */
export function replyToChange(
  reply: FastifyReply,
  content: Content,
  { entityTag, warnings, dryRun }: ChangedSettings,
  message: string,
): string {
  reply.header('ETag', entityTag);
  if (warnings > 0) reply.header('Settings-Warning', `${warnings} violation${warnings === 1 ? '' : 's'}`);
  const impact = dryRun?.impact === undefined ? '' : `,"impact":${dryRun.impact}`;
  const more = dryRun && `,"dryRun":true,"${content}":${dryRun.settings},"patch":${dryRun.patch}${impact}`;
  return `{"success":true,"message":"${message}"${more ?? ''}}`;
}
