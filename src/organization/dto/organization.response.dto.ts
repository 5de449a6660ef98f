import { ApiProperty } from '@nestjs/swagger';

/** The profile of an organization; its settings are never part of it. */
export class OrganizationResponseDto {
  /** Unique identifier for the organization. */
  id: string;

  /** Organization name. */
  name: string;

  /** Organization domain. */
  domain: string | null;

  /** Primary address line. */
  address1: string | null;

  /** Secondary address line. */
  address2: string | null;

  /** City. */
  city: string | null;

  /** ZIP or postal code. */
  zipcode: string | null;

  /** Phone number. */
  phone: string | null;

  /** State or province. */
  state: string | null;

  /** Country. */
  country: string | null;

  /** Deletion timestamp (null if active). */
  deletedAt: Date | null;

  /** Whether repositories are disabled. */
  reposDisabled: boolean;

  /** Organization website URL. */
  website: string | null;

  /** Whether this is a business organization. */
  is_business: boolean;

  /** Whether multi-factor authentication is enforced. */
  mfaEnforced: boolean;
}

/** The reply to a GET. */
export class GetOrganizationResponseDto {
  /** Always true. */
  success: boolean;

  data: OrganizationResponseDto;
}

/** The reply to a PUT. */
export class UpdateOrganizationResponseDto extends GetOrganizationResponseDto {
  /** What was done. */
  message: string;
}

/** The reply to a request for an organization that failed. */
export class OrganizationErrorDto {
  /** Always false. */
  success: boolean;

  /** Always null. */
  @ApiProperty({ type: 'null' })
  data: null;

  /** What was wrong. */
  message: string;

  /** Why something is not found, where the message does not say it. */
  error?: string;
}
