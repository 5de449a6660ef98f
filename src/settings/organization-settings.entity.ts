import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Organization } from '../organization/organization.entity.js';

/** The settings document of an organization; there is no row before the first write. */
@Entity('organization_settings')
@Check('ck_organization_settings_object', `jsonb_typeof(settings) = 'object'`)
export class OrganizationSettings {
  @PrimaryColumn({ name: 'organization_id', type: 'uuid', primaryKeyConstraintName: 'pk_organization_settings' })
  @ForeignKey(() => Organization, { name: 'fk_organization_settings_organization' })
  organizationId: string;

  @Column({ type: 'jsonb', default: {} })
  settings: unknown;

  /** One up with every real change. */
  @Column({ type: 'bigint', default: 0 })
  version: string;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt: Date;

  /** The last version whose change was kept; another than `version` where the history has a gap, or begins later. */
  @Column({ name: 'history_version', type: 'bigint', default: 0 })
  historyVersion: string;

  /** How many operations of JSON Patches lead here from the last version that was kept whole. */
  @Column({ name: 'operations_since_snapshot', type: 'integer', default: 0 })
  operationsSinceSnapshot: number;

  /** About how many bytes the contents of the kept versions take. */
  @Column({ name: 'history_bytes', type: 'bigint', default: 0, select: false, insert: false, update: false })
  historyBytes: string;

  /** The oldest version whose content is kept. */
  @Column({ name: 'history_from', type: 'bigint', default: 0, select: false, insert: false, update: false })
  historyFrom: string;
}
