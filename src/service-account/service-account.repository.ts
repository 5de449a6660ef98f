import { Injectable } from '@nestjs/common';
import { batchedStatement, statement } from '../database/statement.js';
import { type StatementCalls, StatementRunner } from '../database/statement-runner.js';
import type { ServiceAccount } from './service-account.entity.js';

/** What a service account may do, and how often. */
export type ActiveService = Pick<ServiceAccount, 'id' | 'organizationId' | 'scopes' | 'rateLimitPerMinute'>;

/** Which programs there are, and what they may do. */
@Injectable()
export class ServiceAccountRepository {
  private readonly active: StatementCalls<typeof FIND_ACTIVE, ActiveService>;

  constructor(private readonly runner: StatementRunner) {
    this.active = runner.batchReads(FIND_ACTIVE);
  }

  /** Unless it is soft-deleted. */
  async findActive(id: string, since: number): Promise<ActiveService | null> {
    return (await this.active.execute({ userId: id, since })) ?? null;
  }

  /** The names of those of these that are service accounts, by id; also of soft-deleted ones. */
  async findNames(ids: readonly (string | null)[], since: number): Promise<Map<string | null, string>> {
    const serviceIds = [...new Set(ids)].filter((id) => id !== null);
    if (serviceIds.length === 0) return new Map();
    type Row = Pick<ServiceAccount, 'id' | 'name'>;
    const services = await this.runner.executeRead<typeof FIND_NAMES, Row>(FIND_NAMES, { serviceIds, since });
    return new Map(services.map(({ id, name }) => [id, name]));
  }
}

/** Its parameter is the caller, which the statement runner knows as `userId`. */
const FIND_ACTIVE = batchedStatement({
  name: 'service-account-find',
  parameters: ['userId'],
  text: `
    select a.id, a.organization_id as "organizationId", a.scopes, a.rate_limit_per_minute as "rateLimitPerMinute"
    from service_accounts a where a.id = $1::varchar and a.deleted_at is null`,
  batchedText: `
    select q.ordinal, a.id, a.organization_id as "organizationId", a.scopes,
      a.rate_limit_per_minute as "rateLimitPerMinute"
    from unnest($1::varchar[]) with ordinality q (id, ordinal)
    join service_accounts a on a.id = q.id and a.deleted_at is null`,
});

const FIND_NAMES = statement({
  name: 'service-account-names',
  parameters: ['serviceIds'],
  text: `
    select a.id, a.name from service_accounts a where a.id = any($1::varchar[])`,
});
