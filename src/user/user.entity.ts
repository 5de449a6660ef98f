import { Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm';

/** Someone whom tokens speak for. */
@Entity('users')
@Index('ix_users_organization_id', ['organizationId', 'email', 'id'])
export class User {
  /** Opaque: what the identity provider calls the subject, up to 255 characters. */
  @PrimaryColumn({ type: 'varchar', length: 255, primaryKeyConstraintName: 'pk_users' })
  id: string;

  /** Lower-case; whose it is, `user_emails` says. */
  @Index('ix_users_email')
  @Column({ type: 'varchar', length: 254 })
  email: string;

  @Column({ type: 'varchar', length: 200 })
  name: string;

  @Column({ name: 'last_name', type: 'varchar', length: 200, nullable: true })
  lastName: string | null;

  /** Where to look for the user's membership; what counts is the row in `members`. */
  @Column({ name: 'organization_id', type: 'uuid', nullable: true })
  organizationId: string | null;

  /** Whether a token of theirs was seen, or an operator made them. */
  @Column({ type: 'boolean', default: true })
  validated: boolean;

  /** One up with each change of the user. */
  @Column({ type: 'bigint', default: 0 })
  version: string;

  /** How many bytes the contents of the kept changes take, roughly, and the oldest version that has its content. */
  @Column({ name: 'history_bytes', type: 'bigint', default: 0, select: false, insert: false, update: false })
  historyBytes: string;

  @Column({ name: 'history_from', type: 'bigint', default: 0, select: false, insert: false, update: false })
  historyFrom: string;

  /** What the identity provider calls them, where that is not their id; `user_subjects` leads from it to them. */
  @Column({ type: 'varchar', length: 255, nullable: true })
  subject: string | null;

  /** When they were last invited. */
  @Column({ name: 'invited_at', type: 'timestamptz', nullable: true })
  invitedAt: Date | null;

  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true })
  deletedAt: Date | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;
}
