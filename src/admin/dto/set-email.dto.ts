import { IsEmailAddress } from '../../common/validation/is-email-address.decorator.js';

export class SetEmailDto {
  @IsEmailAddress()
  email: string;
}
