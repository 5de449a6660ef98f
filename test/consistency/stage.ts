import { randomBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';
import pg from 'pg';
import { connect } from '../support/data-source.js';
import { anOrganization } from '../support/factories.js';
import { migrate } from '../support/migrate.js';
import { onServer, urlOf } from '../support/server.js';

const JWT_SECRET = 'a secret that only the consistency check knows';

/** A settings document of the run, and somebody who may write it. */
export interface StageDocument {
  readonly name: string;
  readonly scope: 'organization' | 'user';
  readonly ownerId: string;
  readonly path: string;
  readonly token: string;
}

/** A migrated database of the run's own, with a handful of documents that nobody wrote yet. */
export class Stage {
  private constructor(
    private readonly database: string,
    readonly documents: readonly StageDocument[],
    /** Not a connection of the service: no fault is done to it. */
    readonly sql: pg.Client,
  ) {}

  static async set(): Promise<Stage> {
    const database = `flashback_consistency_${process.pid}_${randomBytes(4).toString('hex')}`;
    await onServer(`create database ${database}`);
    await migrate({ DATABASE_URL: urlOf(database) });
    const dataSource = await connect(urlOf(database));
    const organizations = [await anOrganization(dataSource), await anOrganization(dataSource)];
    await dataSource.destroy();
    const sql = new pg.Client({ connectionString: urlOf(database), application_name: 'consistency' });
    await sql.connect();
    const documents = organizations.flatMap((organization, index) => [
      aDocument(`organization ${index + 1}`, 'organization', organization.id, organization.owner),
      aDocument(`user ${index + 1}`, 'user', organization.user, organization.user),
    ]);
    return new Stage(database, documents, sql);
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

function aDocument(name: string, scope: StageDocument['scope'], ownerId: string, userId: string): StageDocument {
  const token = jwt.sign({}, JWT_SECRET, { algorithm: 'HS256', subject: userId, expiresIn: '1d' });
  return { name, scope, ownerId, path: `/settings/${scope}`, token };
}
