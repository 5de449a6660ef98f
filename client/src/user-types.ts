import type { CallOptions } from './call.js';
import type { Schema, Versioned } from './schema.js';

export type Role = Schema<'SetRoleDto'>['orgRole'];
export type Member = Schema<'MemberResponseDto'>;
export type UserProfile = Schema<'UserProfileDto'>;
export type CreateMemberRequest = Schema<'CreateMemberDto'>;
export type UpdateMemberRequest = Schema<'UpdateMemberDto'>;
export type UpdateUserRequest = Schema<'UpdateUserDto'>;

export interface ListMembersOptions extends CallOptions {
  /** How many, 1 to 1,000; up to 10,000 by default. */
  limit?: number;
  /** Where the list before ended: its `next`. */
  after?: string | undefined;
  /** Whether deleted members are listed, too; by default they are. */
  deleted?: boolean;
}

export interface ListMembersResponse extends Schema<'ListMembersResponseDto', { success: true }> {
  /** The `after` of the next page; absent on the last one. */
  next?: string;
}

export type MemberWrittenResponse = Schema<'MemberWrittenResponseDto', { success: true }> & Versioned;
export type UserWrittenResponse = Schema<'UserWrittenResponseDto', { success: true }> & Versioned;
export type GetUserRoleResponse = Schema<'GetUserRoleResponseDto', { success: true }> & Versioned;
export type SetRoleResponse = Schema<'SetRoleResponseDto', { success: true }> & Versioned;
export type GetUserProfileResponse = Schema<'GetUserProfileResponseDto', { success: true }>;
