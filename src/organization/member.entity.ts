import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Role } from '../auth/role.js';
import { Organization } from './organization.entity.js';

/** A user's membership in an organization, with their role. It is stored beside the data that the role guards. */
@Entity('members')
@Check('ck_members_role', 'role in (0, 1, 2, 254, 255)')
export class Member {
  @PrimaryColumn({ name: 'organization_id', type: 'uuid', primaryKeyConstraintName: 'pk_members' })
  @ForeignKey(() => Organization, { name: 'fk_members_organization' })
  organizationId: string;

  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 255, primaryKeyConstraintName: 'pk_members' })
  userId: string;

  @Column({ type: 'smallint' })
  role: Role;

  /** Set while the user is soft-deleted, so that the statement that checks the role needs no look at `users`. */
  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true })
  deletedAt: Date | null;
}
