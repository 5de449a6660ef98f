import { Injectable } from '@nestjs/common';
import { statement } from '../database/statement.js';
import { StatementRunner } from '../database/statement-runner.js';

/** Reads whether many may still read what they watch. */
@Injectable()
export class WatchRightsRepository {
  constructor(private readonly runner: StatementRunner) {}

  /** Those of these users who are members of an existing organization. */
  async findMembers(organizationId: string, userIds: readonly string[]): Promise<Set<string>> {
    const call = { organizationId, userIds: JSON.stringify(userIds), since: performance.now() };
    const rows = await this.runner.executeRead<typeof FIND_MEMBERS, { id: string }>(FIND_MEMBERS, call);
    return new Set(rows.map(({ id }) => id));
  }
}

// An array of thousands in `= any` would be compared, element by element, with each of thousands of members.
const FIND_MEMBERS = statement({
  name: 'watching-members',
  parameters: ['organizationId', 'userIds'],
  text: `
    select m.user_id as id
    from members m
    join organizations o on o.id = $1::uuid and o.deleted_at is null
    where m.organization_id = $1::uuid and m.deleted_at is null
      and m.user_id in (select jsonb_array_elements_text($2::jsonb))`,
});
