import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { Change } from './change.js';

/** One change of a user or of their settings. */
@Entity('user_changes')
@Index('ix_user_changes_id', ['userId', 'id'])
@Index('ix_user_changes_organization_id', ['organizationId', 'id'])
export class UserChange extends Change {
  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 255 })
  userId: string;

  /** The user's organization at that time, whose administrators may see the change. */
  @Column({ name: 'organization_id', type: 'uuid', nullable: true })
  organizationId: string | null;
}
