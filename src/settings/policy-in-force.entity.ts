import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * That there is a policy, and in which version: what each change of settings has to know, on whatever node of a
 * distributed PostgreSQL its document is.
 */
@Entity('policies_in_force')
export class PolicyInForce {
  /** Whose policy; the nil UUID (RFC 9562 §5.9) is the system's. */
  @PrimaryColumn({ name: 'organization_id', type: 'uuid', primaryKeyConstraintName: 'pk_policies_in_force' })
  organizationId: string;

  @Column({ type: 'bigint' })
  version: string;
}
