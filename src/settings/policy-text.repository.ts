import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { statement } from '../database/statement.js';
import { StatementRunner } from '../database/statement-runner.js';
import { SYSTEM_ID } from '../organization/organization-id.js';

interface PolicyText {
  readonly version: string;
  readonly text: string;
}

/** How many policies are kept, and how long their texts may be in all. */
const MAX_POLICIES = 10_000;
const MAX_CHARACTERS = 16 * 1024 * 1024;

/** Reads policies in the versions by which changes are judged. */
@Injectable()
export class PolicyTextRepository {
  private readonly known = new LRUCache<string, PolicyText>({
    max: MAX_POLICIES,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: ({ text }) => text.length + 1,
  });

  constructor(private readonly runner: StatementRunner) {}

  /**
   * @param since when the request came to wait, on the clock of `performance.now()`
   * @returns `undefined` where the policy is in another version by now
   */
  async find(ownerId: string, version: string, since: number): Promise<string | undefined> {
    let known = this.known.get(ownerId);
    if (known?.version !== version) {
      const rows: PolicyText[] =
        ownerId === SYSTEM_ID
          ? await this.runner.executeRead(OF_SYSTEM, { since })
          : await this.runner.executeRead(OF_ORGANIZATION, { organizationId: ownerId, since });
      known = rows[0];
      if (known !== undefined) this.known.set(ownerId, known);
    }
    return known?.version === version ? known.text : undefined;
  }
}

const OF_ORGANIZATION = statement({
  name: 'organization-policy-text',
  parameters: ['organizationId'],
  text: `
    select d.version, d.document::text as text from organization_documents d
    where d.organization_id = $1::uuid and d.kind = 100`,
});

const OF_SYSTEM = statement({
  name: 'system-policy-text',
  parameters: [],
  text: `
    select d.version, d.document::text as text from system_documents d where d.kind = 102`,
});
