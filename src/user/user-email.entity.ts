import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The user who holds an email, among all users that are not erased. */
@Entity('user_emails')
export class UserEmail {
  /** Lower-case. */
  @PrimaryColumn({ type: 'varchar', length: 254, primaryKeyConstraintName: 'pk_user_emails' })
  email: string;

  @Column({ name: 'user_id', type: 'varchar', length: 255 })
  userId: string;
}
