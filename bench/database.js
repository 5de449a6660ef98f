import pg from 'pg';

export const ORGANIZATIONS = 10_000;

const NAME = `flashback_bench_${process.pid}`;

/**
 * How many versions of each document are kept before anything is measured. On an empty table, inserting would cost less
 * than in the life of the service.
 */
const VERSIONS = 10;

/** About 1 KB as JSON text, three levels deep. */
export const SETTINGS = {
  defaultStorageType: 'S3',
  maxFileSize: '10GB',
  locale: { language: 'en', timezone: 'Europe/Berlin', firstDayOfWeek: 1, currency: 'EUR' },
  retentionPolicy: { enabled: true, days: 365, legalHold: { enabled: false, until: null } },
  security: {
    requireMFA: true,
    sessionTimeout: 3600,
    passwordPolicy: { minLength: 12, requireDigits: true, requireSymbols: true, maxAgeDays: 90 },
    allowedNetworks: ['10.0.0.0/8', '192.168.0.0/16', '203.0.113.0/24'],
  },
  notifications: {
    email: { enabled: true, recipients: ['ops@example.com', 'security@example.com'], digest: 'daily' },
    webhook: { enabled: true, url: 'https://hooks.example.com/flashback/settings', retries: 5 },
  },
  storage: {
    buckets: [
      { name: 'primary', region: 'eu-central-1', encrypted: true },
      { name: 'archive', region: 'eu-west-1', encrypted: true },
    ],
    quota: { bytes: 1099511627776, warnAtPercent: 80 },
  },
  features: { betaDashboard: false, auditExport: true, sharedLinks: true, apiAccess: true },
};

/** A database for one run, on the server that an address names; that address's own database is left alone. */
export class BenchDatabase {
  #serverUrl;
  #client;
  #isCreated = false;

  constructor(serverUrl) {
    this.#serverUrl = serverUrl;
    this.url = Object.assign(new URL(serverUrl), { pathname: NAME }).href;
  }

  async create() {
    await withClient(this.#serverUrl, (client) => client.query(`create database ${NAME}`));
    this.#isCreated = true;
    this.#client = await connect(this.url);
  }

  /** Fills the tables of the service, which must have migrated them. Each organization has one OWNER. */
  async seed() {
    const ask = (text, values) => this.#client.query(text, values);
    await ask(
      `insert into organizations (id, name) select gen_random_uuid(), 'Organization ' || n from generate_series(1, $1::int) n`,
      [ORGANIZATIONS],
    );
    await ask(
      `insert into users (id, email, name, organization_id)
       select gen_random_uuid(), 'owner-' || id || '@example.com', 'Owner', id from organizations`,
    );
    await ask('insert into members (organization_id, user_id, role) select organization_id, id, 255 from users');
    await ask(
      `insert into organization_settings (organization_id, settings, version, history_version)
       select id, $1::jsonb || jsonb_build_object('displayName', name), $2, $2 from organizations`,
      [SETTINGS, VERSIONS],
    );
    await ask(
      `insert into organization_changes (
         organization_id, context, version, id, at, operation, actor_id, patch, request_id)
       select u.organization_id, 8, v, change_id(t), t, 'merge', u.id, $2, gen_random_uuid()
       from generate_series(1, $1::int) v cross join users u
       cross join lateral (select date_trunc('milliseconds', now()) - make_interval(days => $1 - v) as t) at`,
      [VERSIONS, JSON.stringify([{ op: 'replace', path: '/security/sessionTimeout', value: 3600 }])],
    );
    // Else autovacuum would come in the middle of some measurement; tidy() does its work between them.
    for (const table of ['organization_settings', 'organization_changes']) {
      await ask(`alter table ${table} set (autovacuum_enabled = false)`);
    }
    await ask('vacuum (analyze)');
  }

  /** Adds an organization with an OWNER and no settings yet, and returns the user's id. */
  async addOwner() {
    const { rows } = await this.#client.query(
      `with organization as (
         insert into organizations (id, name) values (gen_random_uuid(), 'Organization') returning id
       ), owner as (
         insert into users (id, email, name, organization_id)
         select gen_random_uuid(), 'owner@example.com', 'Owner', id from organization returning organization_id, id
       )
       insert into members (organization_id, user_id, role) select organization_id, id, 255 from owner
       returning user_id`,
    );
    return rows[0].user_id;
  }

  /** Adds a member who may read and not write, and returns the user's id. */
  async addReader() {
    const { rows } = await this.#client.query(
      `with reader as (
         insert into users (id, email, name, organization_id)
         select gen_random_uuid(), 'reader@example.com', 'Reader', id from organizations limit 1
         returning organization_id, id
       )
       insert into members (organization_id, user_id, role) select organization_id, id, 0 from reader
       returning user_id`,
    );
    return rows[0].user_id;
  }

  /** The ids of the owners, in an order that has nothing to do with where their rows lie. */
  async owners() {
    const { rows } = await this.#client.query('select user_id from members where role = 255 order by user_id');
    return rows.map((row) => row.user_id);
  }

  async settingsOf(userId) {
    const { rows } = await this.#client.query(
      `select s.settings::text as settings
       from users u join organization_settings s on s.organization_id = u.organization_id where u.id = $1`,
      [userId],
    );
    return rows[0].settings;
  }

  async setSettingsOf(userId, settings) {
    await this.#client.query(
      `update organization_settings s set settings = $2::jsonb from users u
       where u.id = $1 and s.organization_id = u.organization_id`,
      [userId, settings],
    );
  }

  /**
   * How many changes were made since the beginning (each counts its document's version up by one), and how many are kept
   * as versions.
   */
  async count() {
    const { rows } = await this.#client.query(
      `select (select sum(version) from organization_settings) as changes,
         (select count(*) from organization_changes) as kept`,
    );
    return { changes: Number(rows[0].changes), kept: Number(rows[0].kept) };
  }

  async forgetVersions() {
    await this.#client.query('truncate organization_changes');
  }

  /** What all kept versions take, with their indexes, in bytes; and what the whole documents among them take of that. */
  async sizeOfVersions() {
    const { rows } = await this.#client.query(
      `select pg_total_relation_size('organization_changes') as total,
         (select count(*) from organization_changes) as versions,
         (select coalesce(sum(pg_column_size(snapshot)), 0) from organization_changes) as snapshots`,
    );
    return Object.fromEntries(Object.entries(rows[0]).map(([name, value]) => [name, Number(value)]));
  }

  /**
   * What the newest versions would take if each were a whole document: they are copied into a table like theirs, so that
   * PostgreSQL compresses them as it does all else.
   */
  async sizeOfCopies(userId, versions) {
    await this.#client.query('create table copies (like organization_changes including all)');
    await this.#client.query(
      `insert into copies
       select c.organization_id, c.context, c.version, c.id, c.at, c.operation, c.actor_id, '[]',
         jsonb_set(s.settings, '{security,sessionTimeout}', to_jsonb(c.version)), c.request_id, c.reason
       from organization_changes c join organization_settings s using (organization_id)
       join users u on u.organization_id = c.organization_id and u.id = $1
       order by c.version desc limit $2`,
      [userId, versions],
    );
    const { rows } = await this.#client.query(`select pg_total_relation_size('copies') as total`);
    await this.#client.query('drop table copies');
    return Number(rows[0].total);
  }

  /** Makes all documents the same, as they were in the beginning. */
  async resetSettings() {
    await this.#client.query('update organization_settings set settings = $1::jsonb', [SETTINGS]);
  }

  /** Clears away what the last measurement left, so that each begins on the same tables. */
  async tidy() {
    await this.#client.query('delete from organization_changes where version > $1', [VERSIONS]);
    await this.#client.query('vacuum organization_settings, organization_changes');
  }

  async version() {
    const { rows } = await this.#client.query('show server_version');
    return rows[0].server_version.split(' ')[0];
  }

  async drop() {
    if (!this.#isCreated) return;
    await this.#client?.end();
    await withClient(this.#serverUrl, (client) => client.query(`drop database ${NAME} with (force)`));
  }
}

async function withClient(url, task) {
  const client = await connect(url);
  try {
    return await task(client);
  } finally {
    await client.end();
  }
}

async function connect(url) {
  const client = new pg.Client({ connectionString: url });
  // The next query fails by itself; without a listener a lost connection would end the process before it cleans up.
  client.on('error', () => {});
  await client.connect();
  return client;
}
