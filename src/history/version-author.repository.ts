import { Injectable } from '@nestjs/common';
import type { VersionMade } from '../common/errors/common.errors.js';
import { batchedStatement } from '../database/statement.js';
import { type StatementCalls, StatementRunner } from '../database/statement-runner.js';
import { ChangeContext } from './change-context.js';

/** Finds who made a version, and when, for those who may read it. */
@Injectable()
export class VersionAuthorRepository {
  private readonly organization: StatementCalls<typeof OF_ORGANIZATION, VersionMade>;
  private readonly user: StatementCalls<typeof OF_USER, VersionMade>;

  constructor(runner: StatementRunner) {
    this.organization = runner.batchReads(OF_ORGANIZATION);
    this.user = runner.batchReads(OF_USER);
  }

  /** @returns `undefined` where the version is not kept, and where nobody can tell just now */
  async find(
    context: ChangeContext,
    ownerId: string,
    version: string,
    since: number,
  ): Promise<VersionMade | undefined> {
    try {
      return context === ChangeContext.USER_SETTINGS
        ? await this.user.execute({ userId: ownerId, context, version, since })
        : await this.organization.execute({ organizationId: ownerId, context, version, since });
    } catch {
      return undefined;
    }
  }
}

const OF_ORGANIZATION = batchedStatement({
  name: 'organization-version-author',
  parameters: ['organizationId', 'context', 'version'],
  text: `
    select c.actor_id as "actorId", iso_time(c.at) as at
    from organization_changes c
    where c.organization_id = $1::uuid and c.context = $2::smallint and c.version = $3::bigint`,
  batchedText: `
    select q.ordinal, c.actor_id as "actorId", iso_time(c.at) as at
    from unnest($1::uuid[], $2::smallint[], $3::bigint[]) with ordinality q (organization_id, context, version, ordinal)
    join organization_changes c
      on c.organization_id = q.organization_id and c.context = q.context and c.version = q.version`,
});

const OF_USER = batchedStatement({
  name: 'user-version-author',
  parameters: ['userId', 'context', 'version'],
  text: `
    select c.actor_id as "actorId", iso_time(c.at) as at
    from user_changes c
    where c.user_id = $1::varchar and c.context = $2::smallint and c.version = $3::bigint`,
  batchedText: `
    select q.ordinal, c.actor_id as "actorId", iso_time(c.at) as at
    from unnest($1::varchar[], $2::smallint[], $3::bigint[]) with ordinality q (user_id, context, version, ordinal)
    join user_changes c on c.user_id = q.user_id and c.context = q.context and c.version = q.version`,
});
