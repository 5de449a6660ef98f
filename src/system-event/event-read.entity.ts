import { Entity, Index, PrimaryColumn } from 'typeorm';

/** That a user has read an event. */
@Entity('event_reads')
export class EventRead {
  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 255, primaryKeyConstraintName: 'pk_event_reads' })
  userId: string;

  @Index('ix_event_reads_event_id')
  @PrimaryColumn({ name: 'event_id', type: 'bigint', primaryKeyConstraintName: 'pk_event_reads' })
  eventId: string;
}
