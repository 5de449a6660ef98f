import pg from 'pg';
import { initialSettings, updatedSettings } from './operations.js';
import { KILOBYTE } from './documents.js';

/** Organizations beside those that are measured, to compare answers with. */
export const SPARE_ORGANIZATIONS = 32;

const NAME = `flashback_bench_${process.pid}`;

let created = 0;

/** SQL for what belongs to organization number `n`, which is SQL, too. Ids have nothing to do with where rows lie. */
export const SQL = {
  organization: (n) => `md5('organization ' || (${n})::text)::uuid`,
  owner: (n) => `md5('owner ' || (${n})::text)::uuid::text`,
  name: (n) => `'Organization ' || (${n})::text`,
};

/**
 * A database for one run, on the server that an address names; that address's own database is left alone. This is the
 * one place that knows the service's tables.
 */
export class BenchDatabase {
  #name = `${NAME}_${created++}`;
  #serverUrl;
  #client;
  #isCreated = false;
  #organizations;
  #bytes;
  #seededAt;
  #restoredAt;

  constructor(serverUrl) {
    this.#serverUrl = serverUrl;
    this.url = Object.assign(new URL(serverUrl), { pathname: this.#name }).href;
  }

  async create() {
    await withClient(this.#serverUrl, (client) => client.query(`create database ${this.#name}`));
    this.#isCreated = true;
    this.#client = await connect(this.url);
  }

  async drop() {
    if (!this.#isCreated) return;
    await this.#client?.end();
    await withClient(this.#serverUrl, (client) => client.query(`drop database ${this.#name} with (force)`));
  }

  /** The ids of the organizations of the last `seed`, of their owners, and of so many members of the first. */
  async ids(members) {
    const [row] = await this.#ask(
      `select
         (select array_agg(${SQL.organization('n')}::text order by n) from generate_series(1, $1::int) n) as organizations,
         (select array_agg(${SQL.owner('n')} order by n) from generate_series(1, $1::int) n) as owners,
         (select array_agg(md5('member ' || n)::uuid::text order by n) from generate_series(1, $2::int) n) as members`,
      [this.#organizations, members],
    );
    return row;
  }

  /** A service account of all organizations that may read. @returns its id */
  async createService() {
    await this.#ask(
      `insert into service_accounts (id, name, scopes) values ('bench', 'Bench', '{settings:read,organization:read}')`,
    );
    return 'bench';
  }

  async version() {
    const [{ server_version: version }] = await this.#ask('show server_version');
    return version.split(' ')[0];
  }

  /**
   * Fills the tables of the service, which must have migrated them, anew: organizations with an OWNER and settings
   * each.
   *
   * @param versions how many of each document are kept; on an empty table inserting would cost less than in the life of
   *   the service
   * @param members how many more OWNERs the first organization has
   */
  async seed({ organizations, bytes = KILOBYTE, versions = 10, members = 0 }) {
    this.#organizations = organizations;
    this.#bytes = bytes;
    await this.#ask('truncate organization_changes, organization_settings, members, users, organizations cascade');
    const count = organizations + SPARE_ORGANIZATIONS;
    await this.#ask(
      `insert into organizations (id, name) select ${SQL.organization('n')}, ${SQL.name('n')} from generate_series(1, $1::int) n`,
      [count],
    );
    await this.#ask(
      `insert into users (id, email, name, organization_id)
       select ${SQL.owner('n')}, 'owner-' || n || '@example.com', 'Owner', ${SQL.organization('n')}
       from generate_series(1, $1::int) n`,
      [count],
    );
    await this.#ask(
      `insert into users (id, email, name, organization_id)
       select md5('member ' || n)::uuid::text, 'member-' || n || '@example.com', 'Member', ${SQL.organization('1')}
       from generate_series(1, $1::int) n`,
      [members],
    );
    await this.#ask('insert into members (organization_id, user_id, role) select organization_id, id, 255 from users');
    await this.#ask(
      `insert into organization_settings (organization_id, settings, version, history_version)
       select o.id, ${settingsOf('o.name', '$1::jsonb')}, $2, $2 from organizations o`,
      [initialSettings(bytes), versions],
    );
    await this.#ask(
      `insert into organization_changes (organization_id, context, version, id, at, operation, actor_id, patch, request_id)
       select u.organization_id, 8, v, change_id(t), t, 'merge', u.id, $2, gen_random_uuid()
       from generate_series(1, $1::int) v
       cross join (select ${SQL.organization('n')} as organization_id, ${SQL.owner('n')} as id
         from generate_series(1, $3::int) n) u
       cross join lateral (select date_trunc('milliseconds', now()) - make_interval(days => $1 - v) as t) at`,
      [versions, JSON.stringify([{ op: 'replace', path: '/security/sessionTimeout', value: 3600 }]), count],
    );
    await this.#keepProfiles();
    // Else autovacuum would come in the middle of some measurement; restore() does its work between them.
    for (const table of ['organizations', 'organization_settings', 'organization_changes']) {
      await this.#ask(`alter table ${table} set (autovacuum_enabled = false)`);
    }
    await this.#ask('vacuum (analyze)');
    this.#seededAt = this.#restoredAt = await this.#now();
  }

  /**
   * Makes everything as it was in the beginning, except that versions are not counted back, and clears away what the
   * last measurement left, so that each begins on the same tables.
   */
  async restore() {
    await this.#ask(
      `update organization_settings s
       set settings = ${settingsOf('o.name', '$1::jsonb')}, version = s.version + 1, history_version = s.version + 1,
         operations_since_snapshot = 0, updated_at = now()
       from organizations o where o.id = s.organization_id and s.updated_at > $2`,
      [initialSettings(this.#bytes), this.#restoredAt],
    );
    await this.#ask(
      `update organizations
       set address1 = null, city = null, phone = null, mfa_enforced = false, version = version + 1, updated_at = now()
       where updated_at > $1`,
      [this.#restoredAt],
    );
    await this.#ask('delete from organization_changes where at > $1', [this.#seededAt]);
    await this.#keepProfiles();
    await this.#ask('vacuum organizations, organization_settings, organization_changes');
    this.#restoredAt = await this.#now();
  }

  /** Each profile is kept whole, as the service leaves it, so that no change that is measured has to make up for it. */
  async #keepProfiles() {
    await this.#ask(
      `insert into organization_changes (organization_id, context, version, id, at, operation, patch, snapshot)
       select o.id, 4, o.version, o.version, '2000-01-01', 'baseline', '[]', to_jsonb(o) from organizations o
       on conflict do nothing`,
    );
  }

  /** How many changes were made since the beginning (each counts a version up by one), and how many are kept. */
  async count() {
    const [{ changes, kept }] = await this.#ask(
      `select (select sum(version) from organization_settings) + (select sum(version) from organizations) as changes,
         (select count(*) from organization_changes where operation <> 'baseline') as kept`,
    );
    return { changes: Number(changes), kept: Number(kept) };
  }

  /**
   * The OWNERs of the organizations that are measured, or of the spare ones, in an order that has nothing to do with
   * where their rows lie.
   *
   * @param most so many of them
   */
  owners({ areSpare = false, most = this.#organizations } = {}) {
    const [from, to] = areSpare
      ? [this.#organizations + 1, this.#organizations + SPARE_ORGANIZATIONS]
      : [1, this.#organizations];
    return this.#ask(
      `select ${SQL.owner('n')} as "userId", ${SQL.organization('n')} as organization, ${SQL.name('n')} as name
       from generate_series($1::int, $2::int) n order by 1 limit $3`,
      [from, to, most],
    );
  }

  /** The further OWNERs of the first organization. */
  members() {
    return this.#ask(
      `select m.user_id as "userId", o.id as organization, o.name
       from members m join organizations o on o.id = m.organization_id
       where o.id = ${SQL.organization('1')} and m.user_id <> ${SQL.owner('1')} order by 1`,
    );
  }

  /** Adds a member of an organization who may read and not write, and returns the user's id. */
  async addReader(organization) {
    const [{ user_id: userId }] = await this.#ask(
      `with reader as (
         insert into users (id, email, name, organization_id)
         values (gen_random_uuid(), 'reader@example.com', 'Reader', $1) returning organization_id, id
       )
       insert into members (organization_id, user_id, role) select organization_id, id, 0 from reader
       returning user_id`,
      [organization],
    );
    return userId;
  }

  /** Everything of an organization that requests may change, as text. */
  async stateOf(organization) {
    const [row] = await this.#ask(
      `select s.settings::text as settings,
         (to_jsonb(o) - '{version,created_at,updated_at}'::text[])::text as profile
       from organizations o join organization_settings s on s.organization_id = o.id where o.id = $1`,
      [organization],
    );
    return row;
  }

  async setState(organization, { settings, profile }) {
    await this.#ask('update organization_settings set settings = $2::jsonb where organization_id = $1', [
      organization,
      settings,
    ]);
    await this.#ask(
      `update organizations o
       set (name, address1, address2, city, zipcode, phone, state, country, is_business, mfa_enforced) =
         (select name, address1, address2, city, zipcode, phone, state, country, is_business, mfa_enforced
          from jsonb_populate_record(o, $2::jsonb))
       where id = $1`,
      [organization, profile],
    );
  }

  /** How PostgreSQL writes the settings of an organization in the beginning and after an update, as templates. */
  async documents() {
    const [texts] = await this.#ask('select $1::jsonb::text as initial, $2::jsonb::text as updated', [
      initialSettings(this.#bytes),
      updatedSettings(this.#bytes),
    ]);
    return texts;
  }

  /** The types that PostgreSQL gives the parameters of a statement. */
  async parameterTypes(text) {
    await this.#ask(`prepare asked as ${text}`);
    const [{ types }] = await this.#ask(
      `select parameter_types::text[] as types from pg_prepared_statements where name = 'asked'`,
    );
    await this.#ask('deallocate asked');
    return types;
  }

  /** The tables that a prepared statement reads from one end to the other, by the plan that does for all values. */
  async scannedTables({ text, values }) {
    await this.#ask(`set plan_cache_mode = force_generic_plan; prepare asked as ${text}`);
    const literals = values.map((value) => (value === null ? 'null' : pg.escapeLiteral(value)));
    const [
      {
        'QUERY PLAN': [{ Plan: plan }],
      },
    ] = await this.#ask(
      `explain (format json) execute asked${literals.length === 0 ? '' : `(${literals.join(', ')})`}`,
    );
    await this.#ask('deallocate asked; reset plan_cache_mode');
    return scansOf(plan);
  }

  /** Runs a statement and returns its rows. */
  run(text) {
    return this.#ask(text);
  }

  /** Adds an organization with an OWNER and no settings yet, and returns the user's id. */
  async addOwner() {
    const [{ user_id: userId }] = await this.#ask(
      `with organization as (
         insert into organizations (id, name) values (gen_random_uuid(), 'Organization') returning id
       ), owner as (
         insert into users (id, email, name, organization_id)
         select gen_random_uuid(), 'owner@example.com', 'Owner', id from organization returning organization_id, id
       )
       insert into members (organization_id, user_id, role) select organization_id, id, 255 from owner
       returning user_id`,
    );
    return userId;
  }

  /** A service account of all organizations, which may read and write settings. */
  async addService(scopes = ['settings:read', 'settings:write']) {
    const id = 'bench-service';
    await this.#ask(`insert into service_accounts (id, name, scopes) values ($1, 'Bench', $2)`, [id, scopes]);
    return id;
  }

  /** Has so many events happen to an organization today. @returns {Promise<number[]>} the ids of the newest thousand */
  async addEvents(organizationId, count) {
    await this.#ask(
      `insert into organization_changes (organization_id, context, version, id, at, operation, patch)
       select $1::uuid, 4, n, change_id_of(t, 4, $1::text, n), t, 'update', $3
       from generate_series(1, $2::integer) n
       cross join lateral (select now() - n * interval '100 milliseconds' as t) at`,
      [organizationId, count, JSON.stringify([{ op: 'replace', path: '/city', value: 'Bonn' }])],
    );
    await this.#ask('analyze organization_changes');
    const rows = await this.#ask(
      'select id from organization_changes where organization_id = $1 and context = 4 order by version limit 1000',
      [organizationId],
    );
    return rows.map(({ id }) => Number(id));
  }

  async forgetVersions() {
    await this.#ask('truncate organization_changes');
  }

  /**
   * What all kept versions take, with their indexes, in bytes; and what the whole documents among them take of that.
   */
  async sizeOfVersions() {
    const [row] = await this.#ask(
      `select pg_total_relation_size('organization_changes') as total,
         (select count(*) from organization_changes) as versions,
         (select coalesce(sum(pg_column_size(snapshot)), 0) from organization_changes) as snapshots`,
    );
    return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
  }

  /**
   * What the newest versions would take if each were a whole document: they are copied into a table like theirs, so
   * that PostgreSQL compresses them as it does all else.
   */
  async sizeOfCopies(userId, versions) {
    await this.#ask('create table copies (like organization_changes including all)');
    await this.#ask(
      `insert into copies
       select c.organization_id, c.context, c.version, c.id, c.at, c.operation, c.actor_id, '[]',
         jsonb_set(s.settings, '{security,sessionTimeout}', to_jsonb(c.version)), c.request_id, c.reason
       from organization_changes c join organization_settings s using (organization_id)
       join users u on u.organization_id = c.organization_id and u.id = $1
       order by c.version desc limit $2`,
      [userId, versions],
    );
    const [{ total }] = await this.#ask(`select pg_total_relation_size('copies') as total`);
    await this.#ask('drop table copies');
    return Number(total);
  }

  async #now() {
    const [{ now }] = await this.#ask('select clock_timestamp()::text as now');
    return now;
  }

  async #ask(text, values) {
    const { rows } = await this.#client.query(text, values);
    return rows;
  }
}

/** SQL for the settings of an organization in the beginning. */
function settingsOf(name, settings) {
  return `${settings} || jsonb_build_object('displayName', ${name})`;
}

function scansOf({ 'Node Type': type, 'Relation Name': table, Plans: plans = [] }) {
  return [...(type === 'Seq Scan' ? [table] : []), ...plans.flatMap(scansOf)];
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
