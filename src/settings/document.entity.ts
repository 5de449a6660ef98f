import { Column, PrimaryColumn } from 'typeorm';

/** What the documents that share a table have in common; there is no row before the first write. */
export abstract class Document {
  /** What it is: the context of its changes. */
  @PrimaryColumn({ type: 'smallint' })
  kind: number;

  @Column({ type: 'jsonb', default: {} })
  document: unknown;

  /** One up with every real change. */
  @Column({ type: 'bigint', default: 0 })
  version: string;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt: Date;

  /** The last version whose change was kept; another than `version` where the history has a gap. */
  @Column({ name: 'history_version', type: 'bigint', default: 0 })
  historyVersion: string;

  /** How many operations of JSON Patches lead here from the last version that was kept whole. */
  @Column({ name: 'operations_since_snapshot', type: 'integer', default: 0 })
  operationsSinceSnapshot: number;

  /** About how many bytes the contents of the versions take that are kept. */
  @Column({ name: 'history_bytes', type: 'bigint', default: 0, select: false, insert: false, update: false })
  historyBytes: string;

  /** The oldest version whose content is kept. */
  @Column({ name: 'history_from', type: 'bigint', default: 0, select: false, insert: false, update: false })
  historyFrom: string;
}
