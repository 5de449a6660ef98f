import { Equals, IsOptional, IsString } from 'class-validator';
import { IsDateTime } from '../../common/validation/is-date-time.decorator.js';
import { IsOrganizationId } from './is-organization-id.decorator.js';

/** Which changes to show. */
export class ShowHistoryDto {
  @IsOptional()
  @IsOrganizationId()
  organization?: string;

  /** In place of an organization: what belongs to none, or is of all. */
  @IsOptional()
  @Equals(true)
  system?: true;

  /** Only what this user, or service account, did, and what was done to them: an id, or an email. */
  @IsOptional()
  @IsString()
  user?: string;

  /** Only what was done from then on. */
  @IsOptional()
  @IsDateTime()
  since?: Date;
}
