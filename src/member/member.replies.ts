import type { Type } from '@nestjs/common';
import { ACCEPT, CURRENT_VERSION, type Reply, RETRY_AFTER } from '../common/http/api-reply.decorator.js';
import { SettingsErrorDto } from '../common/http/settings-error.dto.js';
import { type MemberAction, MemberPermissionError } from './member.errors.js';
import { ListMembersErrorDto, MemberErrorDto } from './dto/member.response.dto.js';

export const EXAMPLE = {
  id: '3f1c1c0e-5d3b-4c58-9a55-0c9a3a5c9f10',
  email: 'ada@acme.com',
  name: 'Ada',
  lastName: 'Lovelace',
  orgId: '123e4567-e89b-12d3-a456-426614174000',
  orgRole: 2,
  validated: true,
  deletedAt: null,
  orgRoleDescription: 'WORKSPACES',
  orgRoles: [0, 1, 2],
};

/** How one envelope documents what went wrong. */
interface ErrorKind {
  /** Stands before the names of the replies that operations share. */
  readonly name: string;
  readonly type: Type;
  readonly body: (message: string) => object;
}

const LIST: ErrorKind = {
  name: 'ListMembers',
  type: ListMembersErrorDto,
  body: () => ({ success: false, data: [], total: 0 }),
};

const MEMBER: ErrorKind = {
  name: 'Member',
  type: MemberErrorDto,
  body: (message) => ({ success: false, data: {}, message }),
};

const USER: ErrorKind = {
  name: 'Users',
  type: SettingsErrorDto,
  body: (message) => ({ success: false, message }),
};

/** What a route of one envelope can say. */
function repliesIn({ name, type, body }: ErrorKind) {
  const refused = (description: string, messages: Record<string, string>): Reply => ({
    description,
    type,
    examples: Object.fromEntries(Object.entries(messages).map(([example, message]) => [example, body(message)])),
  });
  return {
    refused,
    preconditionFailed: {
      name: `${name}PreconditionFailed`,
      ...refused('The current version is not one that the request allows; nothing was changed.', {
        'Somebody was faster': 'Precondition failed: the current version is different',
      }),
      headers: CURRENT_VERSION,
    } satisfies Reply,
    notFound: {
      name: `${name}NotFound`,
      ...refused('There is no such user.', { 'No user': 'User not found' }),
    } satisfies Reply,
    emailTaken: {
      name: `${name}EmailTaken`,
      ...refused('The email is in use, perhaps in another organization; nothing was changed.', {
        Taken: 'User with this email already exists',
      }),
    } satisfies Reply,
    common: {
      401: {
        name: `${name}Unauthorized`,
        ...refused('The bearer token is missing or does not hold.', { 'No token': 'Unauthorized' }),
      },
      429: {
        name: `${name}TooManyRequests`,
        ...refused('The caller, their organization, or an address without a valid token, sent too many requests.', {
          Caller: 'Too many requests',
        }),
        headers: RETRY_AFTER,
      },
      500: {
        name: `${name}InternalServerError`,
        ...refused(
          'The service failed. Where the connection to the database was lost, a change may have been made: its version tells.',
          { Failure: 'Internal server error' },
        ),
      },
      503: {
        name: `${name}ServiceUnavailable`,
        ...refused('There is too much to do just now; nothing was changed.', { Overload: 'Service unavailable' }),
        headers: RETRY_AFTER,
      },
    } satisfies Record<number, Reply>,
    body: {
      413: { name: `${name}BodyTooLarge`, ...refused('The body is too large.', { Body: 'Payload too large' }) },
      415: {
        name: `${name}NotJson`,
        ...refused('There is a body, and it has another media type.', { 'Media type': 'Unsupported media type' }),
        headers: ACCEPT,
      },
    } satisfies Record<number, Reply>,
  };
}

export const inList = repliesIn(LIST);
export const inMember = repliesIn(MEMBER);
export const inUser = repliesIn(USER);

/** The caller lacks the role or the scope, has no organization, or the user is in another one. */
export const mayNot = (action: MemberAction) => ({ Role: new MemberPermissionError(action).message });

/** What every route that changes a member can say. */
export const changeReplies = ({ refused, notFound, body, common }: typeof inUser, action: MemberAction) => ({
  403: refused("The caller's role, or the member's, does not allow it.", mayNot(action)),
  404: notFound,
  ...body,
  ...common,
});
