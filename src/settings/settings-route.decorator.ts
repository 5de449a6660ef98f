import { applyDecorators, Header } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { Access, roleLineOf } from '../auth/access.decorator.js';
import { ApiConditionalWrite } from '../common/http/api-precondition.decorator.js';
import { ApiReplies, type Reply } from '../common/http/api-reply.decorator.js';
import { ErrorsIn, JSON_TYPE, settingsEnvelope } from '../common/http/error-envelope.js';
import { ORGANIZATION_HEADER } from '../service-account/organization-header.js';
import { ApiOrganizationHeader } from '../service-account/organization-header.decorator.js';
import type { SettingsApi } from './settings-api.js';
import { orOrganizationRequiredReply } from './settings.replies.js';

interface SettingsRoute {
  /** The operation id. */
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  /** The message when the request is wrong. */
  readonly failed: string;
  readonly replies: Record<number, Reply>;
  /** Those of the body, where that is not `application/json`. */
  readonly mediaTypes?: readonly string[];
}

/** A route that shows something of a settings document. */
export const ReadRoute = (api: SettingsApi, route: SettingsRoute) =>
  applyDecorators(Access(api.readers.access), Header('Content-Type', JSON_TYPE), documented(api, 'readers', route));

/** A route that changes a settings document. */
export const ChangeRoute = (api: SettingsApi, route: SettingsRoute) =>
  applyDecorators(
    Access(api.writers.access),
    Header('Content-Type', JSON_TYPE),
    documented(api, 'writers', route),
    ApiConditionalWrite(),
  );

function documented(api: SettingsApi, audience: 'readers' | 'writers', route: SettingsRoute) {
  const { id, summary, description, failed, replies, mediaTypes } = route;
  const { access, forbidden } = api[audience];
  const isForServices = access.scope !== undefined && api.owner === 'organization';
  const invalid: Record<number, Reply> = isForServices
    ? { 400: orOrganizationRequiredReply(failed, replies[400]) }
    : {};
  return applyDecorators(
    ErrorsIn(settingsEnvelope(failed), {
      ...(mediaTypes && { mediaTypes }),
      ...(isForServices && { variesBy: `Authorization, ${ORGANIZATION_HEADER}` }),
    }),
    ApiOperation({ operationId: id, summary, description: `${description}\n\n${roleLineOf(access)}` }),
    ApiReplies({ ...replies, ...forbidden, ...invalid }),
    ...(isForServices ? [ApiOrganizationHeader()] : []),
  );
}
