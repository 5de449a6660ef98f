import { randomBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';
import pg from 'pg';
import { connect } from '../support/data-source.js';
import { anOrganization, aService } from '../support/factories.js';
import type { JsonObject } from './document-model.js';
import { migrate } from '../support/migrate.js';
import { onServer, urlOf } from '../support/server.js';

const JWT_SECRET = 'a secret that only the consistency check knows';

/**
 * Which policies bind the settings of a run: none; some that stay as they are from the start; or some that contradict
 * each other and are changed by clients, too.
 */
export type Policies = 'none' | 'fixed' | 'changing';

/** The documents of a run, and where the database has them. */
export const KINDS = {
  'organization-settings': {
    path: '/settings/organization',
    content: 'settings',
    changes: 'organization_changes where organization_id = $1 and context = 8',
    current: `select version, settings, organization_settings_at(organization_id, version) as replayed
      from organization_settings where organization_id = $1`,
  },
  'user-settings': {
    path: '/settings/user',
    content: 'settings',
    changes: 'user_changes where user_id = $1 and context = 7',
    current: `select version, settings, user_settings_at(user_id, version) as replayed
      from user_settings where user_id = $1`,
  },
  'organization-policy': {
    path: '/settings/organization/policy',
    content: 'policy',
    changes: 'organization_changes where organization_id = $1 and context = 100',
    current: `select version, document as settings, organization_document_at(organization_id, 100, version) as replayed
      from organization_documents where organization_id = $1 and kind = 100`,
  },
  'system-policy': {
    path: '/settings/system/policy',
    content: 'policy',
    changes: 'organization_changes where organization_id = $1 and context = 102',
    current: `select version, document as settings, organization_document_at($1::uuid, 102, version) as replayed
      from system_documents where $1 = system_id() and kind = 102`,
  },
} as const;

/** A document of the run, and somebody who may write it. */
export interface StageDocument {
  readonly name: string;
  readonly kind: keyof typeof KINDS;
  readonly ownerId: string;
  readonly token: string;
  /** The policies that bind it. */
  readonly policies: readonly StagePolicy[];
}

export interface StagePolicy extends StageDocument {
  /** What it is before the clients come. */
  readonly first: JsonObject;
}

/** What a user may not have together, and what nobody below may set; system and organization contradict each other. */
const SYSTEM_POLICY: JsonObject = {
  locks: { '/c': {} },
  schema: { organization: { not: { required: ['a', 'b'] } }, user: { not: { required: ['a', 'dotted.key'] } } },
};
const ORGANIZATION_POLICY: JsonObject = { schema: { user: { required: ['a', 'dotted.key'] } } };

const SYSTEM_ID = '00000000-0000-0000-0000-000000000000';

/** A migrated database of the run's own, with a handful of documents that nobody wrote yet. */
export class Stage {
  private constructor(
    private readonly database: string,
    readonly arePolicies: Policies,
    readonly documents: readonly StageDocument[],
    readonly policies: readonly StagePolicy[],
    /** Not a connection of the service: no fault is done to it. */
    readonly sql: pg.Client,
  ) {}

  static async set(arePolicies: Policies = 'none'): Promise<Stage> {
    const database = `flashback_consistency_${process.pid}_${randomBytes(4).toString('hex')}`;
    await onServer(`create database ${database}`);
    await migrate({ DATABASE_URL: urlOf(database) });
    const dataSource = await connect(urlOf(database));
    const organizations = [await anOrganization(dataSource), await anOrganization(dataSource)];
    const operator = await aService(dataSource, ['system:read', 'system:write']);
    await dataSource.destroy();
    const sql = new pg.Client({ connectionString: urlOf(database), application_name: 'consistency' });
    await sql.connect();
    const aPolicy = (name: string, kind: StagePolicy['kind'], ownerId: string, by: string, first: JsonObject) =>
      arePolicies === 'none' ? [] : [{ ...aDocument(name, kind, ownerId, by), first }];
    const ofSystem = aPolicy('policy of the system', 'system-policy', SYSTEM_ID, operator, SYSTEM_POLICY);
    const policies: StagePolicy[] = [...ofSystem];
    const documents = organizations.flatMap(({ id, owner, user }, index) => {
      const n = index + 1;
      const own = aPolicy(`policy of organization ${n}`, 'organization-policy', id, owner, ORGANIZATION_POLICY);
      policies.push(...own);
      return [
        aDocument(`organization ${n}`, 'organization-settings', id, owner, ofSystem),
        aDocument(`user ${n}`, 'user-settings', user, user, [...ofSystem, ...own]),
      ];
    });
    return new Stage(database, arePolicies, documents, policies, sql);
  }

  /** The environment variables of a service that works on it. */
  get variables(): Record<string, string> {
    return { NODE_ENV: 'production', DATABASE_URL: urlOf(this.database), JWT_SECRET, LOG_LEVEL: 'fatal' };
  }

  /** Waits until no statement of the service runs any more: those of a killed instance go on without it. */
  async becomesQuiet(): Promise<void> {
    const RUNNING = `select 1 from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`;
    const deadline = Date.now() + 30_000;
    while ((await this.sql.query(RUNNING)).rowCount !== 0) {
      if (Date.now() > deadline) throw new Error('The database still runs statements of the service');
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }

  async clear(): Promise<void> {
    await this.sql.end();
    await onServer(`drop database if exists ${this.database} with (force)`);
  }
}

function aDocument(
  name: string,
  kind: StageDocument['kind'],
  ownerId: string,
  callerId: string,
  policies: readonly StagePolicy[] = [],
): StageDocument {
  const token = jwt.sign({}, JWT_SECRET, { algorithm: 'HS256', subject: callerId, expiresIn: '1d' });
  return { name, kind, ownerId, token, policies };
}
