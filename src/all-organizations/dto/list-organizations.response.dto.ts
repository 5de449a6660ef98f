import { ApiProperty } from '@nestjs/swagger';

/** Which version of a document there is. */
export class DocumentVersionDto {
  /** The number of the version, as text: it may outgrow a double. */
  version: string;
}

/** An organization, and the versions of its documents. */
export class ListedOrganizationDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  name: string;

  /** The settings: version 0 before the first write. */
  settings: DocumentVersionDto;

  /** The profile. */
  profile: DocumentVersionDto;

  /** When it was deleted; only then. */
  @ApiProperty({ format: 'date-time', required: false })
  deletedAt?: string;
}

/** The reply to a GET of all organizations. */
export class ListOrganizationsResponseDto {
  /** Always true. */
  success: boolean;

  /** By id. */
  organizations: ListedOrganizationDto[];
}
