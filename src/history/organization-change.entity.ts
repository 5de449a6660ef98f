import { Entity, Index, PrimaryColumn } from 'typeorm';
import { Change } from './change.js';

/** One change of an organization's profile or of its settings. */
@Entity('organization_changes')
@Index('ix_organization_changes_id', ['organizationId', 'id'])
@Index('ix_organization_changes_at', { synchronize: false })
@Index('ix_organization_changes_impacts', { synchronize: false })
export class OrganizationChange extends Change {
  @PrimaryColumn({ name: 'organization_id', type: 'uuid' })
  organizationId: string;
}
