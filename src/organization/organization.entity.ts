import { Column, CreateDateColumn, Entity, Index, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** The profile of an organization; its settings are a document of their own. */
@Entity('organizations')
export class Organization {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'pk_organizations' })
  id: string;

  @Column({ type: 'varchar', length: 200 })
  name: string;

  /** Lower-case; no two organizations share one. */
  @Index('ix_organizations_domain')
  @Column({ type: 'varchar', length: 253, nullable: true })
  domain: string | null;

  @Column({ type: 'varchar', length: 200, nullable: true })
  address1: string | null;

  @Column({ type: 'varchar', length: 200, nullable: true })
  address2: string | null;

  @Column({ type: 'varchar', length: 200, nullable: true })
  city: string | null;

  @Column({ type: 'varchar', length: 200, nullable: true })
  zipcode: string | null;

  @Column({ type: 'varchar', length: 200, nullable: true })
  phone: string | null;

  @Column({ type: 'varchar', length: 200, nullable: true })
  state: string | null;

  @Column({ type: 'varchar', length: 200, nullable: true })
  country: string | null;

  @Column({ type: 'varchar', length: 2048, nullable: true })
  website: string | null;

  @Column({ name: 'is_business', type: 'boolean', default: false })
  isBusiness: boolean;

  @Column({ name: 'mfa_enforced', type: 'boolean', default: false })
  mfaEnforced: boolean;

  @Column({ name: 'repos_disabled', type: 'boolean', default: false })
  reposDisabled: boolean;

  /** One up with every real change of the profile. */
  @Column({ type: 'bigint', default: 0 })
  version: string;

  /** About how many bytes the contents of the profile's versions take that are kept. */
  @Column({ name: 'history_bytes', type: 'bigint', default: 0, select: false, insert: false, update: false })
  historyBytes: string;

  /** The oldest version of the profile whose content is kept. */
  @Column({ name: 'history_from', type: 'bigint', default: 0, select: false, insert: false, update: false })
  historyFrom: string;

  @Index('ix_organizations_deleted_at', { synchronize: false })
  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true })
  deletedAt: Date | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;
}
