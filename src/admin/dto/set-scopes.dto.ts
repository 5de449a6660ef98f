import { ArrayNotEmpty, IsIn } from 'class-validator';
import { SERVICE_SCOPES, type ServiceScope } from '../../auth/service-scope.js';

const message = `scopes must be some of ${SERVICE_SCOPES.join(', ')}, separated by commas`;

export class SetScopesDto {
  @IsIn(SERVICE_SCOPES, { each: true, message })
  @ArrayNotEmpty({ message })
  scopes: ServiceScope[];
}
