import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** Whom a token's subject speaks for, where it is not the user's id. */
@Entity('user_subjects')
export class UserSubject {
  @PrimaryColumn({ type: 'varchar', length: 255, primaryKeyConstraintName: 'pk_user_subjects' })
  subject: string;

  @Column({ name: 'user_id', type: 'varchar', length: 255 })
  userId: string;

  @CreateDateColumn({ name: 'linked_at', type: 'timestamptz' })
  linkedAt: Date;
}
