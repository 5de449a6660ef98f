import { IsIn, IsOptional } from 'class-validator';
import { IsPlainText } from '../../common/validation/is-plain-text.decorator.js';
import { IsOrganizationId } from './is-organization-id.decorator.js';
import { IsSubject } from './is-subject.decorator.js';
import { SetScopesDto } from './set-scopes.dto.js';

export class CreateServiceDto extends SetScopesDto {
  @IsPlainText({ min: 1, max: 200 })
  name: string;

  /** The identity provider's subject; absent: a new UUID. */
  @IsOptional()
  @IsSubject()
  id?: string;

  @IsOptional()
  @IsOrganizationId()
  organization?: string;

  /** In place of one organization: all of them. */
  @IsOptional()
  @IsIn([true])
  all?: boolean;
}
