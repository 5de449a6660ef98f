import { IsIn, IsOptional } from 'class-validator';
import { ROLE_NAMES, type RoleName } from '../../auth/role.js';
import { IsOrganizationId } from './is-organization-id.decorator.js';
import { IsSubject } from './is-subject.decorator.js';
import { IsEmailAddress } from '../../common/validation/is-email-address.decorator.js';
import { IsPlainText } from '../../common/validation/is-plain-text.decorator.js';

/** What is wrong with a role that does not exist. */
export function roleProblem(role: unknown): string {
  return `role must be one of ${ROLE_NAMES.join(', ')}, not ${JSON.stringify(role)}`;
}

export class CreateUserDto {
  @IsEmailAddress()
  email: string;

  @IsPlainText({ min: 1, max: 200 })
  name: string;

  @IsOptional()
  @IsPlainText({ min: 1, max: 200 })
  lastName?: string;

  /** The identity provider's subject; absent: a new UUID. */
  @IsOptional()
  @IsSubject()
  id?: string;

  @IsOptional()
  @IsOrganizationId()
  organization?: string;

  /** Absent: USER. */
  @IsOptional()
  @IsIn(ROLE_NAMES, { message: ({ value }) => roleProblem(value) })
  role?: RoleName;
}
