import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { User } from '../user/user.entity.js';

/** The settings document of a user; there is no row before the first write. */
@Entity('user_settings')
@Check('ck_user_settings_object', `jsonb_typeof(settings) = 'object'`)
export class UserSettings {
  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 255, primaryKeyConstraintName: 'pk_user_settings' })
  @ForeignKey(() => User, { name: 'fk_user_settings_user' })
  userId: string;

  @Column({ type: 'jsonb', default: {} })
  settings: unknown;

  /** One up with every real change. */
  @Column({ type: 'bigint', default: 0 })
  version: string;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt: Date;

  /** The last version whose change was kept; another than `version` where the history has a gap, or begins later. */
  @Column({ name: 'history_version', type: 'bigint', default: 0 })
  historyVersion: string;

  /** How many operations of JSON Patches lead here from the last version that was kept whole. */
  @Column({ name: 'operations_since_snapshot', type: 'integer', default: 0 })
  operationsSinceSnapshot: number;

  /** About how many bytes the contents of the kept versions take. */
  @Column({ name: 'history_bytes', type: 'bigint', default: 0, select: false, insert: false, update: false })
  historyBytes: string;

  /** The oldest version whose content is kept. */
  @Column({ name: 'history_from', type: 'bigint', default: 0, select: false, insert: false, update: false })
  historyFrom: string;
}
