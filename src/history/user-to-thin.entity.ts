import { Entity, PrimaryColumn } from 'typeorm';

/** A user whose versions may take more than the quota. */
@Entity('users_to_thin')
export class UserToThin {
  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 255, primaryKeyConstraintName: 'pk_users_to_thin' })
  userId: string;
}
