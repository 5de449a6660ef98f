import { applyDecorators, Header, SetMetadata } from '@nestjs/common';
import { ApiOperation, ApiParam } from '@nestjs/swagger';
import { Access, type RefusalReason, roleLineOf, type RouteAccess } from '../auth/access.decorator.js';
import { MANAGING_ROLES } from '../auth/role.js';
import { ApiReplies, type Reply } from '../common/http/api-reply.decorator.js';
import { ErrorsIn, JSON_TYPE, type ErrorEnvelope } from '../common/http/error-envelope.js';
import { ApiOrganizationHeader } from '../service-account/organization-header.decorator.js';
import { ORGANIZATION_HEADER } from '../service-account/organization-header.js';
import { type MemberAction, MemberPermissionError, NoOrganizationError } from './member.errors.js';

const permissionError = (action: MemberAction) => (reason: RefusalReason) => new MemberPermissionError(action, reason);

/** Who may look at members. */
export const VIEWERS: RouteAccess = {
  roles: MANAGING_ROLES,
  scope: 'members:read',
  refusal: permissionError('view users'),
};

/** Who may see a member's role. */
export const COLLEAGUES: RouteAccess = {
  roles: 'member',
  scope: 'members:read',
  refusal: (reason) =>
    reason === 'no-organization' ? new NoOrganizationError() : new MemberPermissionError('view users', reason),
};

/** Who may act on members; the statement decides by both roles on which of them. */
export const managersTo = (action: MemberAction): RouteAccess => ({
  roles: MANAGING_ROLES,
  scope: 'members:write',
  refusal: permissionError(action),
});

/** The same where members may do it to themselves. */
export const membersTo = (action: MemberAction): RouteAccess => ({ ...managersTo(action), roles: 'member' });

/** What a route does to the member whom its path names. */
export interface MemberTarget {
  readonly action: MemberAction;
  readonly isChange: boolean;
  /** Whether a user of another organization is reported as not found. */
  readonly isHidden: boolean;
  /** Whether it can be done to a deleted member. */
  readonly ofDeleted: boolean;
}

export const MEMBER_TARGET = 'member-target';

/** A look at a member. */
export const look = (further: Partial<MemberTarget> = {}): MemberTarget => ({
  action: 'view users',
  isChange: false,
  isHidden: false,
  ofDeleted: true,
  ...further,
});

/** A change of a member. */
export const changeTo = (action: MemberAction, { ofDeleted = false } = {}): MemberTarget => ({
  action,
  isChange: true,
  isHidden: false,
  ofDeleted,
});

interface Route {
  readonly summary: string;
  readonly description: string;
  readonly access: RouteAccess;
  /** Where the path names a member. */
  readonly target?: MemberTarget;
  readonly envelope: ErrorEnvelope;
  readonly replies: Record<number, Reply>;
}

/** A route about members. */
export const MemberRoute = ({ summary, description, access, target, envelope, replies }: Route) =>
  applyDecorators(
    Access(access),
    ...(target === undefined ? [] : [SetMetadata<string, MemberTarget>(MEMBER_TARGET, target)]),
    ErrorsIn(envelope, access.scope === undefined ? {} : { variesBy: `Authorization, ${ORGANIZATION_HEADER}` }),
    Header('Content-Type', JSON_TYPE),
    ApiOperation({ summary, description: `${description}\n\n${roleLineOf(access)}` }),
    ApiReplies(replies),
    ...(access.scope === undefined ? [] : [ApiOrganizationHeader()]),
  );

/** Documents the member whom a path names. */
export const MemberParam = () => ApiParam({ name: 'userId', description: 'The id of a member.' });
