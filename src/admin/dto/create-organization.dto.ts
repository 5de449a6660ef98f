import { IsFQDN, IsOptional, MaxLength } from 'class-validator';
import { IsPlainText } from '../../common/validation/is-plain-text.decorator.js';

export class CreateOrganizationDto {
  @IsPlainText({ min: 1, max: 200 })
  name: string;

  @IsOptional()
  @IsFQDN({}, { message: 'domain must be a domain name such as acme.com' })
  @MaxLength(253)
  domain?: string;
}
