import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { ROLE_NAMES, type Role, type RoleName, ROLES } from '../../auth/role.js';
import { ApiInteger } from '../../common/http/api-integer.decorator.js';

const ApiRole = (options: ApiPropertyOptions = {}) => ApiProperty({ type: 'integer', enum: [...ROLES], ...options });

const ApiRoles = () =>
  ApiProperty({
    type: 'array',
    items: { type: 'integer', enum: [...ROLES] },
    description: 'The role and all below it, ascending.',
  });

/** A member of an organization. */
export class MemberResponseDto {
  /** Opaque: what tokens call the subject, or a UUID. */
  id: string;

  /** Lower-case. */
  email: string;

  /** First name. */
  name: string;

  /** Last name. */
  lastName: string | null;

  /** The organization. */
  orgId: string;

  @ApiRole()
  orgRole: Role;

  /** Whether a token of theirs was seen, or an operator made them. */
  validated: boolean;

  /** Deletion timestamp (null if active). */
  @ApiProperty({ format: 'date-time' })
  deletedAt: string | null;

  /** The name of the role. */
  @ApiProperty({ enum: ROLE_NAMES })
  orgRoleDescription: RoleName;

  @ApiRoles()
  orgRoles: Role[];
}

/** The reply to a GET of the list. */
export class ListMembersResponseDto {
  /** Always true. */
  success: boolean;

  /** By email. */
  data: MemberResponseDto[];

  /** How many there are, on all pages. */
  @ApiInteger()
  total: number;
}

/** The reply to a change of a member. */
export class MemberWrittenResponseDto {
  /** Always true. */
  success: boolean;

  data: MemberResponseDto;

  /** What was done. */
  message: string;
}

/** The reply to what was done to a user. */
export class UserWrittenResponseDto {
  /** Always true. */
  success: boolean;

  /** What was done. */
  message: string;
}

/** A member's role. */
export class UserRoleDto {
  userId: string;

  @ApiRole()
  orgRole: Role;

  /** The name of the role. */
  @ApiProperty({ enum: ROLE_NAMES })
  orgRoleDescription: RoleName;

  @ApiRoles()
  orgRoles: Role[];
}

/** The reply to a GET of a member's role. */
export class GetUserRoleResponseDto {
  /** Always true. */
  success: boolean;

  data: UserRoleDto;
}

/** What became of a member's role. */
export class RoleChangeDto {
  userId: string;

  @ApiRole()
  previousRole: Role;

  @ApiRole()
  newRole: Role;

  /** What was done. */
  message: string;
}

/** The reply to a change of a member's role. */
export class SetRoleResponseDto {
  /** Always true. */
  success: boolean;

  data: RoleChangeDto;
}

/** The caller themselves. What an organization would say is null or empty for a user of none. */
export class UserProfileDto {
  /** Opaque: what tokens call the subject, or a UUID. */
  id: string;

  /** First name. */
  name: string;

  /** Last name. */
  lastName: string | null;

  /** Lower-case. */
  email: string;

  /** The organization. */
  orgId: string | null;

  @ApiProperty({ type: 'integer', nullable: true, enum: [...ROLES, null] })
  orgRole: Role | null;

  /** The name of the role. */
  @ApiProperty({ type: 'string', nullable: true, enum: [...ROLE_NAMES, null] })
  orgRoleDescription: RoleName | null;

  @ApiRoles()
  orgRoles: Role[];

  /** Whether a token of theirs was seen, or an operator made them. */
  validated: boolean;

  /** Whether the organization enforces multi-factor authentication. */
  mfaRequired: boolean;

  /** Whether it is a business organization. */
  isBusiness: boolean;
}

/** The reply to a GET of the caller themselves. */
export class GetUserProfileResponseDto {
  /** Always true. */
  success: boolean;

  data: UserProfileDto;
}

/** The reply to a request for the list that failed. */
export class ListMembersErrorDto {
  /** Always false. */
  success: boolean;

  /** Always empty. */
  @ApiProperty({ type: 'array', items: {}, maxItems: 0 })
  data: never[];

  /** Always 0. */
  @ApiInteger()
  total: number;

  /** What was wrong with the query; only of a 400. */
  message?: string;
}

/** The reply to a change of a member that failed. */
export class MemberErrorDto {
  /** Always false. */
  success: boolean;

  /** Always empty. */
  @ApiProperty({ type: 'object', additionalProperties: false, properties: {} })
  data: object;

  /** What was wrong. */
  message: string;
}
