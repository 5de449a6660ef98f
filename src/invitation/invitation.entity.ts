import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Organization } from '../organization/organization.entity.js';

/** That a user was invited, by whom, and what became of the notification that says so. */
@Entity('invitations')
@Index('ix_invitations_invited_at', ['organizationId', 'invitedAt'])
@Index('ix_invitations_next_attempt_at', ['nextAttemptAt'], { where: 'next_attempt_at is not null' })
@Check('ck_invitations_inviter_type', `inviter_type in ('member', 'service', 'operator')`)
export class Invitation {
  @PrimaryColumn({ name: 'organization_id', type: 'uuid', primaryKeyConstraintName: 'pk_invitations' })
  @ForeignKey(() => Organization, { name: 'fk_invitations_organization' })
  organizationId: string;

  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'pk_invitations' })
  id: string;

  @Column({ name: 'user_id', type: 'varchar', length: 255 })
  userId: string;

  @Column({ name: 'inviter_type', type: 'varchar', length: 10 })
  inviterType: 'member' | 'service' | 'operator';

  /** A name, where it was an operator; `null` where that is not known, or the inviter was erased. */
  @Column({ name: 'inviter_id', type: 'varchar', length: 255, nullable: true })
  inviterId: string | null;

  @Column({ name: 'invited_at', type: 'timestamptz' })
  invitedAt: Date;

  /** `null` once nothing more is to be delivered. */
  @Column({ name: 'next_attempt_at', type: 'timestamptz', nullable: true })
  nextAttemptAt: Date | null;

  @Column({ type: 'integer', default: 0 })
  attempts: number;

  @Column({ name: 'delivered_at', type: 'timestamptz', nullable: true })
  deliveredAt: Date | null;

  /** When the last attempt had failed and no other was left. */
  @Column({ name: 'failed_at', type: 'timestamptz', nullable: true })
  failedAt: Date | null;

  @Column({ name: 'last_error', type: 'varchar', length: 500, nullable: true })
  lastError: string | null;
}
