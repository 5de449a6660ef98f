import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Post, Put, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Preconditions } from '../common/concurrency/preconditions.js';
import { ENTITY_TAG } from '../common/http/api-reply.decorator.js';
import {
  ApiChangeReason,
  ApiConditionalRead,
  ApiConditionalWrite,
  notModifiedReply,
} from '../common/http/api-precondition.decorator.js';
import { RequestPreconditions } from '../common/http/request-preconditions.decorator.js';
import { BodyPipe } from '../common/validation/body.pipe.js';
import { RequestQuery } from '../common/validation/request-query.decorator.js';
import { RequestChangeOrigin } from '../history/change-origin.decorator.js';
import type { ChangeOrigin } from '../history/change-origin.js';
import type { Caller } from '../organization/caller.js';
import { RequestCaller } from '../organization/request-caller.decorator.js';
import { CreateMemberDto } from './dto/create-member.dto.js';
import { cursorText } from './dto/is-cursor.decorator.js';
import { DEFAULT_LIMIT, ListMembersDto } from './dto/list-members.dto.js';
import {
  ListMembersResponseDto,
  MemberResponseDto,
  MemberWrittenResponseDto,
  UserWrittenResponseDto,
} from './dto/member.response.dto.js';
import { UpdateMemberDto } from './dto/update-member.dto.js';
import { fieldsOf, shownMember } from './member.js';
import { changeTo, look, managersTo, MemberParam, MemberRoute, VIEWERS } from './member.access.js';
import { listEnvelope, memberEnvelope, userEnvelope } from './member.envelopes.js';
import { changeReplies, EXAMPLE, inList, inMember, inUser, mayNot } from './member.replies.js';
import { MemberService } from './member.service.js';

const CREATED = 'User created successfully.';
const INVITED = 'Verification email sent.';

/** The members of the caller's organization. */
@Controller('organization/users')
@ApiTags('Members')
@ApiBearerAuth()
export class MemberController {
  constructor(private readonly members: MemberService) {}

  @Get()
  @MemberRoute({
    summary: 'List members',
    description: 'All members of the organization by email, deleted ones too. A list that goes on has a `Link`.',
    access: VIEWERS,
    envelope: listEnvelope,
    replies: {
      200: {
        description: 'The members.',
        type: ListMembersResponseDto,
        examples: { 'One member': { success: true, data: [EXAMPLE], total: 1 } },
        headers: {
          Link: {
            description: 'The next page, with `rel="next"` (RFC 8288), where there is one.',
            schema: { type: 'string', example: '</organization/users?limit=100&after=WyJhZGFA>; rel="next"' },
          },
        },
      },
      400: {
        description: 'The query is wrong.',
        type: inList.common[401].type!,
        examples: {
          'Too many': { success: false, data: [], total: 0, message: 'limit must not be greater than 1000' },
          'Unknown parameter': {
            success: false,
            data: [],
            total: 0,
            message: 'unknown parameter limt (did you mean limit?)',
          },
        },
      },
      403: inList.refused('The caller may not see members, or has no organization.', mayNot('view users')),
      ...inList.common,
    },
  })
  async listMembers(
    @RequestCaller() caller: Caller,
    @RequestQuery(ListMembersDto) { limit, after, deleted }: ListMembersDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ListMembersResponseDto> {
    const most = limit ?? DEFAULT_LIMIT;
    // One more than the page shows tells whether there is another.
    const { total, members } = await this.members.list(caller, { showsDeleted: deleted, after, limit: most + 1 });
    const page = members.slice(0, most);
    if (members.length > most) {
      const next = new URLSearchParams({
        ...(limit !== undefined && { limit: String(limit) }),
        after: cursorText(page.at(-1)!),
        ...(!deleted && { deleted: 'false' }),
      });
      reply.header('Link', `</organization/users?${next.toString()}>; rel="next"`);
    }
    return { success: true, data: page.map(shownMember), total };
  }

  @Post()
  @MemberRoute({
    summary: 'Create a member',
    description:
      'Makes a user and their membership, and has an invitation sent. No password is kept: to sign in is the identity ' +
      "provider's.",
    access: managersTo('create users'),
    envelope: memberEnvelope,
    replies: {
      201: {
        description: 'The member is made.',
        type: MemberWrittenResponseDto,
        examples: {
          Invited: { success: true, data: { ...EXAMPLE, validated: false }, message: `${CREATED} ${INVITED}` },
        },
        headers: ENTITY_TAG,
      },
      400: inMember.refused('The request is wrong, and nobody was made.', {
        'Wrong field': 'email must be an email address of at most 254 characters',
        'Wrong role': 'Invalid role combination',
      }),
      403: inMember.refused('The caller may not make members of this role.', mayNot('create users')),
      409: inMember.emailTaken,
      ...inMember.body,
      ...inMember.common,
    },
  })
  @ApiChangeReason()
  @ApiBody({
    type: CreateMemberDto,
    examples: {
      Invite: { value: { email: 'grace@acme.com', firstName: 'Grace', lastName: 'Hopper', orgRole: 0 } },
      'Without an invitation': {
        value: { email: 'katherine@acme.com', firstName: 'Katherine', lastName: 'Johnson', sendInvite: false },
      },
    },
  })
  async createMember(
    @RequestCaller() caller: Caller,
    @Body(new BodyPipe(CreateMemberDto)) dto: CreateMemberDto,
    @RequestChangeOrigin() origin: ChangeOrigin,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MemberWrittenResponseDto> {
    const { entityTag, member } = await this.members.create(caller, dto, origin);
    reply.header('ETag', entityTag);
    const message = (dto.sendInvite ?? true) ? `${CREATED} ${INVITED}` : CREATED;
    return { success: true, data: shownMember(member), message };
  }

  @Get(':userId')
  @MemberRoute({
    summary: 'Get a member',
    description: 'One member, as the body of the reply, without an envelope.',
    access: VIEWERS,
    target: look(),
    envelope: userEnvelope,
    replies: {
      200: {
        description: 'The member.',
        type: MemberResponseDto,
        examples: { Member: EXAMPLE },
        headers: ENTITY_TAG,
      },
      304: notModifiedReply,
      400: inUser.refused('A header or the query is wrong.', {
        'Wrong header': 'If-None-Match must be * or a list of entity tags, each in double quotes',
      }),
      403: inUser.refused('The caller may not see this user.', mayNot('view users')),
      404: inUser.notFound,
      412: inUser.preconditionFailed,
      ...inUser.common,
    },
  })
  @MemberParam()
  @ApiConditionalRead()
  async getMember(
    @RequestCaller() caller: Caller,
    @Param('userId') userId: string,
    @RequestPreconditions() preconditions: Preconditions,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MemberResponseDto | undefined> {
    const { entityTag, member, isKnown } = await this.members.get(caller, userId, ['members:read'], preconditions);
    reply.header('ETag', entityTag);
    if (!isKnown) return shownMember(member);
    reply.status(HttpStatus.NOT_MODIFIED);
    return undefined;
  }

  @Put(':userId')
  @MemberRoute({
    summary: 'Update a member',
    description:
      'Changes the names and the role that the body names, and leaves the rest. An email is changed by the operator.',
    access: managersTo('update users'),
    target: changeTo('update users'),
    envelope: memberEnvelope,
    replies: {
      200: {
        description: 'The member as it is now.',
        type: MemberWrittenResponseDto,
        examples: { Updated: { success: true, data: EXAMPLE, message: 'User updated successfully' } },
        headers: ENTITY_TAG,
      },
      400: inMember.refused('The body, or a header, is wrong, and nothing was changed.', {
        'Wrong role, or the last owner': 'Invalid role combination',
        'Nothing to update': 'No valid fields to update',
        'Wrong field': 'name must not be empty',
      }),
      412: inMember.preconditionFailed,
      ...changeReplies(inMember, 'update users'),
    },
  })
  @MemberParam()
  @ApiConditionalWrite()
  @ApiBody({
    type: UpdateMemberDto,
    examples: { 'Name and role': { value: { name: 'Augusta Ada', orgRole: 2 } }, Role: { value: { orgRole: 0 } } },
  })
  async updateMember(
    @RequestCaller() caller: Caller,
    @Param('userId') userId: string,
    @Body(new BodyPipe(UpdateMemberDto)) dto: UpdateMemberDto,
    @RequestPreconditions() preconditions: Preconditions,
    @RequestChangeOrigin() origin: ChangeOrigin,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MemberWrittenResponseDto> {
    const change = { kind: 'update', fields: fieldsOf(dto) } as const;
    const changed = await this.members.change(caller, userId, change, 'update users', preconditions, origin);
    reply.header('ETag', changed.entityTag);
    return { success: true, data: shownMember(changed.member), message: 'User updated successfully' };
  }

  @Delete(':userId')
  @MemberRoute({
    summary: 'Delete a member',
    description: 'Soft-deletes a member: they are refused from their next request on, until they are activated again.',
    access: managersTo('delete users'),
    target: changeTo('delete users', { ofDeleted: true }),
    envelope: userEnvelope,
    replies: {
      200: {
        description: 'The member is deleted, or was before.',
        type: UserWrittenResponseDto,
        examples: { Deleted: { success: true, message: 'User deleted successfully' } },
        headers: ENTITY_TAG,
      },
      400: inUser.refused('This member cannot be deleted.', {
        Oneself: 'Cannot delete yourself',
        'The last owner': 'Cannot delete the last owner',
      }),
      412: inUser.preconditionFailed,
      ...changeReplies(inUser, 'delete users'),
    },
  })
  @MemberParam()
  @ApiConditionalWrite()
  async deleteMember(
    @RequestCaller() caller: Caller,
    @Param('userId') userId: string,
    @RequestPreconditions() preconditions: Preconditions,
    @RequestChangeOrigin() origin: ChangeOrigin,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserWrittenResponseDto> {
    const { entityTag } = await this.members.change(
      caller,
      userId,
      { kind: 'delete' },
      'delete users',
      preconditions,
      origin,
    );
    reply.header('ETag', entityTag);
    return { success: true, message: 'User deleted successfully' };
  }

  @Post(':userId/activate')
  @HttpCode(HttpStatus.OK)
  @MemberRoute({
    summary: 'Activate a deleted member',
    description: 'Takes the deletion back: role, settings and history are as they were. There is no body.',
    access: managersTo('activate users'),
    target: changeTo('activate users', { ofDeleted: true }),
    envelope: userEnvelope,
    replies: {
      200: {
        description: 'The member is active.',
        type: UserWrittenResponseDto,
        examples: { Activated: { success: true, message: 'User activated successfully' } },
        headers: ENTITY_TAG,
      },
      400: inUser.refused('This member cannot be activated.', { 'Not deleted': 'User is not deleted' }),
      409: inUser.emailTaken,
      ...changeReplies(inUser, 'activate users'),
    },
  })
  @MemberParam()
  @ApiChangeReason()
  async activateMember(
    @RequestCaller() caller: Caller,
    @Param('userId') userId: string,
    @RequestChangeOrigin() origin: ChangeOrigin,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserWrittenResponseDto> {
    const { entityTag } = await this.members.change(
      caller,
      userId,
      { kind: 'restore' },
      'activate users',
      Preconditions.NONE,
      origin,
    );
    reply.header('ETag', entityTag);
    return { success: true, message: 'User activated successfully' };
  }

  @Post(':userId/resend-invitation')
  @HttpCode(HttpStatus.OK)
  @MemberRoute({
    summary: 'Send an invitation again',
    description:
      'Has a member invited who has not come yet: at most once in ten minutes, and 1,000 times a day for an ' +
      'organization. There is no body.',
    access: managersTo('invite users'),
    target: changeTo('invite users'),
    envelope: userEnvelope,
    replies: {
      200: {
        description: 'The invitation is on its way.',
        type: UserWrittenResponseDto,
        examples: { Sent: { success: true, message: 'Invitation sent successfully' } },
        headers: ENTITY_TAG,
      },
      400: inUser.refused('This member cannot be invited.', { Validated: 'User is already validated' }),
      409: inUser.emailTaken,
      ...changeReplies(inUser, 'invite users'),
    },
  })
  @MemberParam()
  @ApiChangeReason()
  async resendInvitation(
    @RequestCaller() caller: Caller,
    @Param('userId') userId: string,
    @RequestChangeOrigin() origin: ChangeOrigin,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserWrittenResponseDto> {
    const { entityTag } = await this.members.change(
      caller,
      userId,
      { kind: 'invite' },
      'invite users',
      Preconditions.NONE,
      origin,
    );
    reply.header('ETag', entityTag);
    return { success: true, message: 'Invitation sent successfully' };
  }
}
