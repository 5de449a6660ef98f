import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional, ValidateIf } from 'class-validator';
import { IsPlainText } from '../../common/validation/is-plain-text.decorator.js';

/** Absent leaves a field alone; null is no exception to the rules that follow it. */
const WhenPresent = (property: string) => ValidateIf((dto: Record<string, unknown>) => dto[property] !== undefined);

/** For optional text: null and text that is empty once it is trimmed both clear the field. */
const EmptyClears = () =>
  Transform(({ value }) => (typeof value === 'string' && value.trim() === '' ? null : (value as unknown)));

const MAX_LENGTH = 200;

/** What may be changed of an organization. An absent field stays as it is. */
export class UpdateOrganizationDto {
  /** Organization name, 1 to 200 characters. */
  @WhenPresent('name')
  @IsPlainText({ min: 1, max: MAX_LENGTH })
  name?: string;

  /** Primary address line; null or an empty string clears it. */
  @IsOptional()
  @IsPlainText({ max: MAX_LENGTH })
  @EmptyClears()
  address1?: string | null;

  /** Secondary address line; null or an empty string clears it. */
  @IsOptional()
  @IsPlainText({ max: MAX_LENGTH })
  @EmptyClears()
  address2?: string | null;

  /** City; null or an empty string clears it. */
  @IsOptional()
  @IsPlainText({ max: MAX_LENGTH })
  @EmptyClears()
  city?: string | null;

  /** ZIP or postal code; null or an empty string clears it. */
  @IsOptional()
  @IsPlainText({ max: MAX_LENGTH })
  @EmptyClears()
  zipcode?: string | null;

  /** Phone number; null or an empty string clears it. */
  @IsOptional()
  @IsPlainText({ max: MAX_LENGTH })
  @EmptyClears()
  phone?: string | null;

  /** State or province; null or an empty string clears it. */
  @IsOptional()
  @IsPlainText({ max: MAX_LENGTH })
  @EmptyClears()
  state?: string | null;

  /** Country; null or an empty string clears it. */
  @IsOptional()
  @IsPlainText({ max: MAX_LENGTH })
  @EmptyClears()
  country?: string | null;

  /** Whether this is a business organization. */
  @WhenPresent('is_business')
  @IsBoolean({ message: '$property must be true or false' })
  is_business?: boolean;

  /** Whether multi-factor authentication is enforced. */
  @WhenPresent('mfaEnforced')
  @IsBoolean({ message: '$property must be true or false' })
  mfaEnforced?: boolean;
}
