import { IsOrganizationId } from './is-organization-id.decorator.js';

export class ListUsersDto {
  @IsOrganizationId()
  organization: string;
}
