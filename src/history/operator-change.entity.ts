import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { HistoryContext } from './change-context.js';
import type { Operation } from './operation.js';

/** What an operator did to a service account; or that they erased a user. */
@Entity('operator_changes')
export class OperatorChange {
  /** Grows with time, as the ids of other changes do. */
  @PrimaryColumn({ type: 'bigint', primaryKeyConstraintName: 'pk_operator_changes' })
  id: string;

  @Column({ type: 'timestamptz', precision: 3 })
  at: Date;

  /** `null`: all organizations; or none, of a user. */
  @Column({ name: 'organization_id', type: 'uuid', nullable: true })
  organizationId: string | null;

  @Column({ type: 'smallint' })
  context: HistoryContext;

  /** The id of the service account; `null` of an erased user, of whom nothing is kept. */
  @Column({ name: 'context_id', type: 'varchar', length: 255, nullable: true })
  contextId: string | null;

  /** How many changes of the same service account came before. */
  @Column({ type: 'bigint' })
  version: string;

  @Column({ type: 'varchar', length: 20 })
  operation: Operation;

  /** A JSON Patch (RFC 6902). */
  @Column({ type: 'jsonb' })
  patch: unknown;

  @Column({ type: 'varchar', length: 200, nullable: true })
  operator: string | null;

  @Column({ type: 'varchar', length: 500, nullable: true })
  reason: string | null;
}
