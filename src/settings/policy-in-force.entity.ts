import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * That there is a policy, in which version, and what it locks: what each change of settings has to know, on whatever
 * node of a distributed PostgreSQL its document is.
 */
@Entity('policies_in_force')
export class PolicyInForce {
  /** Whose policy; the nil UUID (RFC 9562 §5.9) is the system's. */
  @PrimaryColumn({ name: 'organization_id', type: 'uuid', primaryKeyConstraintName: 'pk_policies_in_force' })
  organizationId: string;

  @Column({ type: 'bigint' })
  version: string;

  /** The JSON Pointers that it locks, if that is all that it does; `null` where a change has to be judged by it. */
  @Column({ type: 'text', array: true, nullable: true })
  locks: string[] | null;
}
