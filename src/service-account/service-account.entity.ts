import { Check, Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { ServiceScope } from '../auth/service-scope.js';

/** A program that has tokens of its own, and what it may do with which organizations. */
@Entity('service_accounts')
@Check(
  'ck_service_accounts_scopes',
  `cardinality(scopes) > 0
    and scopes <@ array[
      'settings:read', 'settings:write', 'organization:read', 'organization:write', 'members:read', 'members:write',
      'system:read', 'system:write', 'user-settings:read']`,
)
@Check('ck_service_accounts_rate_limit', 'rate_limit_per_minute >= 0')
export class ServiceAccount {
  /** Opaque: what the identity provider calls the subject, up to 255 characters. No user has the same. */
  @PrimaryColumn({ type: 'varchar', length: 255, primaryKeyConstraintName: 'pk_service_accounts' })
  id: string;

  @Column({ type: 'varchar', length: 200 })
  name: string;

  /** `null`: every organization. */
  @Column({ name: 'organization_id', type: 'uuid', nullable: true })
  organizationId: string | null;

  @Column({ type: 'text', array: true })
  scopes: ServiceScope[];

  /** How many requests it may send in a minute, 0 for any number; `null`: as many as any caller. */
  @Column({ name: 'rate_limit_per_minute', type: 'integer', nullable: true })
  rateLimitPerMinute: number | null;

  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true })
  deletedAt: Date | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;
}
