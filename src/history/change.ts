import { Column, PrimaryColumn } from 'typeorm';
import { ChangeContext } from './change-context.js';
import type { Operation } from './operation.js';

/** What the changes of organizations and of users have in common (docs/adr/0006). */
export abstract class Change {
  @PrimaryColumn({ type: 'smallint' })
  context: ChangeContext;

  /** The version that the change made. */
  @PrimaryColumn({ type: 'bigint' })
  version: string;

  /** Grows with time; only changes of different owners within one millisecond may share one. */
  @Column({ type: 'bigint' })
  id: string;

  @Column({ type: 'timestamptz', precision: 3 })
  at: Date;

  @Column({ type: 'varchar', length: 20 })
  operation: Operation;

  /** The user or service account who made it; `null` when it was an operator, or somebody who was erased. */
  @Column({ name: 'actor_id', type: 'varchar', length: 255, nullable: true })
  actorId: string | null;

  /** The operator who made it from the command line, by the name that they gave; there is no actor then. */
  @Column({ type: 'varchar', length: 200, nullable: true })
  operator: string | null;

  /** From the version before to this one: a JSON Patch (RFC 6902); without values, where the content was thinned. */
  @Column({ type: 'jsonb' })
  patch: unknown;

  /** How many operations the patch had, where the version's content was thinned. */
  @Column({ name: 'thinned_operations', type: 'integer', nullable: true })
  thinnedOperations: number | null;

  /** The whole document as of this version, where the way from the last one became long. */
  @Column({ type: 'jsonb', nullable: true })
  snapshot: unknown;

  @Column({ name: 'request_id', type: 'varchar', length: 128, nullable: true })
  requestId: string | null;

  @Column({ type: 'varchar', length: 500, nullable: true })
  reason: string | null;
}
