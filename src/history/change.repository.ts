import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import type { Operation } from './change.js';
import { ChangeContext } from './change-context.js';
import { OrganizationChange } from './organization-change.entity.js';
import { UserChange } from './user-change.entity.js';

/**
 * Keeps the changes that an operator makes. Those that a request makes are kept by the statement that makes them, in the
 * repository of what is changed.
 */
@Injectable()
export class ChangeRepository {
  constructor(
    @InjectRepository(OrganizationChange) private readonly organizationChanges: Repository<OrganizationChange>,
    @InjectRepository(UserChange) private readonly userChanges: Repository<UserChange>,
  ) {}

  /** The same, inside a transaction. */
  within(manager: EntityManager): ChangeRepository {
    return new ChangeRepository(manager.getRepository(OrganizationChange), manager.getRepository(UserChange));
  }

  /** That an organization was made; its profile is in version 0 then. */
  async insertOrganizationCreated(organizationId: string): Promise<void> {
    await this.organizationChanges.query(
      `insert into organization_changes (organization_id, context, version, id, at, operation, patch)
       values ($1, ${ChangeContext.ORGANIZATION}, 0, change_id(now()), date_trunc('milliseconds', now()), 'create', '[]')`,
      [organizationId],
    );
  }

  /**
   * That a user was changed. Until the transaction ends, no other change of this user can be kept.
   *
   * @param patch what was changed of the user, as a JSON Patch (RFC 6902); no personal data
   */
  async insertUserChange(
    userId: string,
    organizationId: string | null,
    operation: Operation,
    patch: readonly object[],
  ): Promise<void> {
    await this.userChanges.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`user_changes ${userId}`]);
    await this.userChanges.query(
      `insert into user_changes (user_id, organization_id, context, version, id, at, operation, patch)
       select $1::varchar, $2::uuid, ${ChangeContext.USER}, coalesce(max(version) + 1, 0), change_id(clock_timestamp()),
         date_trunc('milliseconds', clock_timestamp()), $3, $4::jsonb
       from user_changes where user_id = $1::varchar and context = ${ChangeContext.USER}`,
      [userId, organizationId, operation, JSON.stringify(patch)],
    );
  }

  /**
   * Deletes what a user left behind; where they changed what is not theirs, it stays that somebody did.
   *
   * @returns the ids of the changes that are gone
   */
  async erase(userId: string): Promise<string[]> {
    const gone = await this.userChanges.find({ select: { id: true }, where: { userId } });
    await this.userChanges.delete({ userId });
    await this.organizationChanges.update({ actorId: userId }, { actorId: null, reason: null });
    return gone.map(({ id }) => id);
  }
}
