import { Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm';

/** Someone whom tokens speak for. */
@Entity('users')
export class User {
  /** Opaque: what the identity provider calls the subject, up to 255 characters. */
  @PrimaryColumn({ type: 'varchar', length: 255, primaryKeyConstraintName: 'pk_users' })
  id: string;

  /** Lower-case; no two users share one. */
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

  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true })
  deletedAt: Date | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;
}
