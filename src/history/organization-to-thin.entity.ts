import { Entity, PrimaryColumn } from 'typeorm';

/** An organization whose versions may take more than the quota. */
@Entity('organizations_to_thin')
export class OrganizationToThin {
  @PrimaryColumn({ name: 'organization_id', type: 'uuid', primaryKeyConstraintName: 'pk_organizations_to_thin' })
  organizationId: string;
}
