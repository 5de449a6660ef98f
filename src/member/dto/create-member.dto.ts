import { IsBoolean, IsOptional } from 'class-validator';
import type { Role } from '../../auth/role.js';
import { IsEmailAddress } from '../../common/validation/is-email-address.decorator.js';
import { IsPlainText } from '../../common/validation/is-plain-text.decorator.js';
import { MAX_NAME_LENGTH } from './update-member.dto.js';
import { IsRole } from './is-role.decorator.js';

/** A new member. */
export class CreateMemberDto {
  /** Where they are invited. Compared without case among all users. */
  @IsEmailAddress()
  email: string;

  /** 1 to 200 characters. */
  @IsPlainText({ min: 1, max: MAX_NAME_LENGTH })
  firstName: string;

  /** 1 to 200 characters. */
  @IsPlainText({ min: 1, max: MAX_NAME_LENGTH })
  lastName: string;

  @IsOptional()
  @IsRole({ required: false })
  orgRole?: Role | null;

  /** Whether an invitation is sent; absent: true. */
  @IsOptional()
  @IsBoolean({ message: 'sendInvite must be true or false' })
  sendInvite?: boolean | null;

  /** Accepted, and neither stored nor passed on: to sign in is the identity provider's. */
  password?: string;

  /** Accepted, and not stored. */
  provider?: string;

  /** Accepted, and not stored. */
  authMethod?: string;
}
