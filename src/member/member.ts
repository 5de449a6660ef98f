import { Role, type RoleName, ROLES } from '../auth/role.js';
import { NoValidFieldsError } from '../organization/organization.errors.js';
import type { UpdateMemberDto } from './dto/update-member.dto.js';

/** A user as the database shows them. */
export interface Member {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly lastName: string | null;
  readonly orgId: string;
  readonly orgRole: Role;
  readonly validated: boolean;
  readonly deletedAt: string | null;
}

/** What a role is called, and all roles up to it. */
export interface RoleDescription {
  readonly orgRoleDescription: RoleName;
  readonly orgRoles: Role[];
}

/** What the API says beside a role's number. */
export function describeRole(role: Role): RoleDescription {
  return { orgRoleDescription: Role[role] as RoleName, orgRoles: ROLES.filter((one) => one <= role) };
}

/** A member as the API shows them, in the documented order. */
export function shownMember({ id, email, name, lastName, orgId, orgRole, validated, deletedAt }: Member) {
  return { id, email, name, lastName, orgId, orgRole, validated, deletedAt, ...describeRole(orgRole) };
}

/** What is to be done to a member. */
export type MemberChange =
  | {
      readonly kind: 'update';
      readonly fields: { readonly name?: string; readonly last_name?: string; readonly role?: Role };
    }
  | { readonly kind: 'delete' | 'restore' | 'invite' };

export type MemberFields = Extract<MemberChange, { kind: 'update' }>['fields'];

/**
 * What a request changes, by the names of the columns.
 *
 * @throws NoValidFieldsError when that is nothing
 */
export function fieldsOf({ name, firstName, lastName, orgRole }: Partial<UpdateMemberDto>): MemberFields {
  const given = name ?? firstName;
  const fields = {
    ...(given !== undefined && { name: given }),
    ...(lastName !== undefined && { last_name: lastName }),
    ...(typeof orgRole === 'number' && { role: orgRole }),
  };
  if (Object.keys(fields).length === 0) throw new NoValidFieldsError();
  return fields;
}
