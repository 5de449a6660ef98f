import { Body, Controller, Get, HttpStatus, Param, Put, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Preconditions } from '../common/concurrency/preconditions.js';
import { ENTITY_TAG } from '../common/http/api-reply.decorator.js';
import {
  ApiConditionalRead,
  ApiConditionalWrite,
  notModifiedReply,
} from '../common/http/api-precondition.decorator.js';
import { RequestPreconditions } from '../common/http/request-preconditions.decorator.js';
import { BodyPipe } from '../common/validation/body.pipe.js';
import { RequestChangeOrigin } from '../history/change-origin.decorator.js';
import type { ChangeOrigin } from '../history/change-origin.js';
import type { Caller } from '../organization/caller.js';
import { RequestCaller } from '../organization/request-caller.decorator.js';
import {
  GetUserProfileResponseDto,
  GetUserRoleResponseDto,
  SetRoleResponseDto,
  UserWrittenResponseDto,
} from './dto/member.response.dto.js';
import { SetRoleDto, UpdateUserDto } from './dto/update-member.dto.js';
import { describeRole, fieldsOf } from './member.js';
import { changeTo, COLLEAGUES, look, MemberParam, MemberRoute, membersTo } from './member.access.js';
import { userEnvelope } from './member.envelopes.js';
import { changeReplies, EXAMPLE, inUser } from './member.replies.js';
import { MemberService } from './member.service.js';
import { UpdateUserPipe } from './update-user.pipe.js';
import { UserProfileService } from './user-profile.service.js';

const PROFILE_EXAMPLE = {
  id: EXAMPLE.id,
  name: EXAMPLE.name,
  lastName: EXAMPLE.lastName,
  email: EXAMPLE.email,
  orgId: EXAMPLE.orgId,
  orgRole: EXAMPLE.orgRole,
  orgRoleDescription: EXAMPLE.orgRoleDescription,
  orgRoles: EXAMPLE.orgRoles,
  validated: true,
  mfaRequired: true,
  isBusiness: true,
};

/** Users, as they and their colleagues see them. */
@Controller('user')
@ApiTags('Members')
@ApiBearerAuth()
export class UserController {
  constructor(
    private readonly members: MemberService,
    private readonly profiles: UserProfileService,
  ) {}

  @Get('profile')
  @MemberRoute({
    summary: 'Get your own profile',
    description: 'Who the caller is, in which organization and as what. Not for service accounts.',
    access: { roles: 'user' },
    envelope: userEnvelope,
    replies: {
      200: {
        description: 'The caller.',
        type: GetUserProfileResponseDto,
        examples: { Profile: { success: true, data: PROFILE_EXAMPLE } },
      },
      400: inUser.refused('The query is wrong.', { 'Unknown parameter': 'unknown parameter at (known: none)' }),
      404: inUser.notFound,
      ...inUser.common,
    },
  })
  async getUserProfile(@RequestCaller() caller: Caller): Promise<GetUserProfileResponseDto> {
    return { success: true, data: await this.profiles.get(caller) };
  }

  @Get(':userId')
  @MemberRoute({
    summary: "Get a member's role",
    description: 'The role of a member of the same organization.',
    access: COLLEAGUES,
    target: look({ isHidden: true, ofDeleted: false }),
    envelope: userEnvelope,
    replies: {
      200: {
        description: 'The role.',
        type: GetUserRoleResponseDto,
        examples: {
          Role: {
            success: true,
            data: { userId: EXAMPLE.id, orgRole: 2, orgRoleDescription: 'WORKSPACES', orgRoles: [0, 1, 2] },
          },
        },
        headers: ENTITY_TAG,
      },
      304: notModifiedReply,
      400: inUser.refused('A header or the query is wrong.', {
        'Wrong header': 'If-None-Match must be * or a list of entity tags, each in double quotes',
      }),
      403: inUser.refused('The caller has no organization, or is a service account without the scope.', {
        'No organization': 'User not associated with any organization',
      }),
      404: inUser.notFound,
      412: inUser.preconditionFailed,
      ...inUser.common,
    },
  })
  @MemberParam()
  @ApiConditionalRead()
  async getUserRole(
    @RequestCaller() caller: Caller,
    @Param('userId') userId: string,
    @RequestPreconditions() preconditions: Preconditions,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GetUserRoleResponseDto | undefined> {
    const { entityTag, member, isKnown } = await this.members.getColleague(caller, userId, preconditions);
    reply.header('ETag', entityTag);
    if (isKnown) {
      reply.status(HttpStatus.NOT_MODIFIED);
      return undefined;
    }
    return { success: true, data: { userId, orgRole: member.orgRole, ...describeRole(member.orgRole) } };
  }

  @Put(':userId')
  @MemberRoute({
    summary: "Update a user's names",
    description:
      "Changes the caller's own names, or those of a member whose role is not above what the caller may change.",
    access: membersTo('update users'),
    target: changeTo('update users'),
    envelope: userEnvelope,
    replies: {
      200: {
        description: 'The names are stored.',
        type: UserWrittenResponseDto,
        examples: { Updated: { success: true, message: 'User updated successfully' } },
        headers: ENTITY_TAG,
      },
      400: inUser.refused('The body, or a header, is wrong, and nothing was changed.', {
        'Nothing to update': 'No valid fields to update',
        'Wrong field': 'name must not be empty',
        Password: 'Passwords are managed by the identity provider',
      }),
      412: inUser.preconditionFailed,
      ...changeReplies(inUser, 'update users'),
    },
  })
  @MemberParam()
  @ApiConditionalWrite()
  @ApiBody({ type: UpdateUserDto, examples: { Names: { value: { name: 'Ada', lastName: 'Lovelace' } } } })
  async updateUser(
    @RequestCaller() caller: Caller,
    @Param('userId') userId: string,
    @Body(UpdateUserPipe) dto: UpdateUserDto,
    @RequestPreconditions() preconditions: Preconditions,
    @RequestChangeOrigin() origin: ChangeOrigin,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserWrittenResponseDto> {
    const change = { kind: 'update', fields: fieldsOf(dto) } as const;
    const { entityTag } = await this.members.change(caller, userId, change, 'update users', preconditions, origin);
    reply.header('ETag', entityTag);
    return { success: true, message: 'User updated successfully' };
  }

  @Put(':userId/role')
  @MemberRoute({
    summary: "Set a member's role",
    description:
      'Gives a member another role. Callers may give what they may change, and lower their own. An organization keeps ' +
      'an active owner.',
    access: membersTo('update user roles'),
    target: changeTo('update user roles'),
    envelope: userEnvelope,
    replies: {
      200: {
        description: 'The role is given.',
        type: SetRoleResponseDto,
        examples: {
          Role: {
            success: true,
            data: { userId: EXAMPLE.id, previousRole: 0, newRole: 2, message: 'User role updated successfully' },
          },
        },
        headers: ENTITY_TAG,
      },
      400: inUser.refused('The body, or a header, is wrong, and nothing was changed.', {
        'Wrong role, or the last owner': 'Invalid role combination',
        'No role': 'orgRole must be a whole number',
      }),
      412: inUser.preconditionFailed,
      ...changeReplies(inUser, 'update user roles'),
    },
  })
  @MemberParam()
  @ApiConditionalWrite()
  @ApiBody({ type: SetRoleDto, examples: { Role: { value: { orgRole: 2 } } } })
  async setUserRole(
    @RequestCaller() caller: Caller,
    @Param('userId') userId: string,
    @Body(new BodyPipe(SetRoleDto)) { orgRole }: SetRoleDto,
    @RequestPreconditions() preconditions: Preconditions,
    @RequestChangeOrigin() origin: ChangeOrigin,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SetRoleResponseDto> {
    const change = { kind: 'update', fields: { role: orgRole } } as const;
    const changed = await this.members.change(caller, userId, change, 'update user roles', preconditions, origin);
    const { entityTag, previousRole } = changed;
    reply.header('ETag', entityTag);
    return {
      success: true,
      data: { userId, previousRole, newRole: orgRole, message: 'User role updated successfully' },
    };
  }
}
