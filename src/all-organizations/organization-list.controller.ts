import { Controller, Get, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Access, roleLineOf } from '../auth/access.decorator.js';
import { ApiReplies } from '../common/http/api-reply.decorator.js';
import { ErrorsIn, settingsEnvelope } from '../common/http/error-envelope.js';
import { COMMON_REPLIES, onlyForServicesReply, refusedReply } from '../common/http/refused.replies.js';
import { RequestQuery } from '../common/validation/request-query.decorator.js';
import type { ServiceCaller } from '../organization/caller.js';
import { RequestCaller } from '../organization/request-caller.decorator.js';
import { LISTERS } from './all-organizations.access.js';
import { ListOrganizationsDto, MAX_ORGANIZATIONS } from './dto/list-organizations.dto.js';
import { ListOrganizationsResponseDto } from './dto/list-organizations.response.dto.js';
import { OrganizationListService } from './organization-list.service.js';

const FAILED = 'Failed to list organizations';

/** All organizations. */
@Controller('organizations')
@ApiTags('All organizations')
@ApiBearerAuth()
export class OrganizationListController {
  constructor(private readonly organizations: OrganizationListService) {}

  @Get()
  @Access(LISTERS)
  @ErrorsIn(settingsEnvelope(FAILED))
  @ApiOperation({
    summary: 'List organizations',
    description:
      'All organizations by id, with the versions of their settings and profiles. With `changedSince` those that were ' +
      'changed at that time or later, and those that were deleted. A change can be seen when it is committed, up to ' +
      '12 s after the time that it bears: who asks again and again begins 12 s before the last request.' +
      `\n\n${roleLineOf(LISTERS)}`,
  })
  @ApiReplies({
    200: {
      description: 'The organizations.',
      type: ListOrganizationsResponseDto,
      examples: {
        'Two organizations': {
          success: true,
          organizations: [
            {
              id: '123e4567-e89b-12d3-a456-426614174000',
              name: 'Acme Corporation',
              settings: { version: '17' },
              profile: { version: '3' },
            },
            {
              id: '3f1c1c0e-5d3b-4c58-9a55-0c9a3a5c9f10',
              name: 'Umbrella',
              settings: { version: '0' },
              profile: { version: '1' },
              deletedAt: '2026-11-21T12:00:00.000Z',
            },
          ],
        },
      },
      headers: {
        Link: {
          description: 'The next page, where there is one, as `rel="next"` (RFC 8288).',
          schema: {
            type: 'string',
            example: '</organizations?after=3f1c1c0e-5d3b-4c58-9a55-0c9a3a5c9f10>; rel="next"',
          },
        },
      },
    },
    400: refusedReply('The query is wrong.', FAILED, {
      'Unknown parameter': 'unknown parameter since (did you mean after?)',
      'Too many': `limit must not be greater than ${MAX_ORGANIZATIONS}`,
      'Wrong time': 'changedSince must be a date-time with an offset, such as 2026-11-21T12:00:00Z',
    }),
    403: onlyForServicesReply('organization:read'),
    ...COMMON_REPLIES,
  })
  async listOrganizations(
    @RequestCaller() caller: ServiceCaller,
    @RequestQuery(ListOrganizationsDto) { limit, after, changedSince }: ListOrganizationsDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ListOrganizationsResponseDto> {
    const { organizations, next } = await this.organizations.list(caller, limit, after?.toLowerCase(), changedSince);
    if (next !== undefined) {
      const query = new URLSearchParams({
        limit: String(limit),
        after: next,
        ...(changedSince && { changedSince: changedSince.toISOString() }),
      });
      reply.header('Link', `</organizations?${query.toString()}>; rel="next"`);
    }
    return {
      success: true,
      organizations: organizations.map(({ id, name, settingsVersion, profileVersion, deletedAt }) => ({
        id,
        name,
        settings: { version: settingsVersion },
        profile: { version: profileVersion },
        ...(deletedAt !== null && { deletedAt }),
      })),
    };
  }
}
