import { IsOptional, ValidateIf } from 'class-validator';
import type { Role } from '../../auth/role.js';
import { IsPlainText } from '../../common/validation/is-plain-text.decorator.js';
import { IsRole } from './is-role.decorator.js';

export const MAX_NAME_LENGTH = 200;

/** Absent leaves a field alone; null is no exception to the rules that follow it. */
const WhenPresent = (property: string) => ValidateIf((dto: Record<string, unknown>) => dto[property] !== undefined);

/** What users may change of themselves. An absent field stays as it is. */
export class UpdateUserDto {
  /** First name, 1 to 200 characters. */
  @WhenPresent('name')
  @IsPlainText({ min: 1, max: MAX_NAME_LENGTH })
  name?: string;

  /** Last name, 1 to 200 characters. */
  @WhenPresent('lastName')
  @IsPlainText({ min: 1, max: MAX_NAME_LENGTH })
  lastName?: string;
}

/** What may be changed of a member. An absent field stays as it is. */
export class UpdateMemberDto extends UpdateUserDto {
  /** The same as `name`, which wins. */
  @WhenPresent('firstName')
  @IsPlainText({ min: 1, max: MAX_NAME_LENGTH })
  firstName?: string;

  @IsOptional()
  @IsRole({ required: false })
  orgRole?: Role;
}

/** Another role for a member. */
export class SetRoleDto {
  @IsRole()
  orgRole: Role;
}
