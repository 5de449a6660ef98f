import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { TABLE_RIGHTS } from '../../src/database/require-rights.js';
import { JWT_SECRET } from '../support/app.js';
import { within } from '../support/connection.js';
import { aBareDatabase, aDatabase, type TestDatabase } from '../support/database.js';
import { type Finished, aFolder, runAdmin, runCommand, runService } from '../support/process.js';
import { onServer, POOLER, urlOf } from '../support/server.js';

vi.setConfig({ testTimeout: 120_000 });

const unique = randomBytes(4).toString('hex');

// A pooler has sessions of its own, and another address.
describe.runIf(POOLER === undefined)('a database that cannot be used', () => {
  let folder: Awaited<ReturnType<typeof aFolder>>;
  let database: TestDatabase;

  const nameOf = () => new URL(database.variables['DATABASE_URL']!).pathname.slice(1);
  const inDatabase = (statement: string) =>
    within(database.directUrl, async (client) => void (await client.query(statement)));
  const start = (variables: Record<string, string> = {}): Promise<Finished> =>
    runService(folder.path, { ...database.variables, NODE_ENV: 'production', JWT_SECRET, PORT: '0', ...variables });
  const refusal = (line: string): Finished => ({ code: 1, stdout: '', stderr: `${line}\n` });

  beforeEach(async () => {
    folder = await aFolder();
  });
  afterEach(async () => {
    await database.drop();
    await folder.remove();
  });

  it.each(['LATIN1', 'SQL_ASCII'])(
    'because it keeps text as %s is refused, by commands and migrations, too',
    async (encoding) => {
      database = await aBareDatabase();
      const name = `flashback_test_${process.pid}_${encoding.toLowerCase()}`;
      await onServer(`create database ${name} encoding '${encoding}' locale 'C' template template0`);
      const variables = { DATABASE_URL: urlOf(name) };
      const expected = refusal(`The database cannot be used: its encoding is ${encoding}, and must be UTF8`);
      expect(await start({ ...variables, MIGRATE_ON_START: 'true' })).toStrictEqual(expected);
      expect(await runAdmin(folder.path, ['list-users'], variables)).toStrictEqual(expected);
      const migration = [resolve('dist/src/migrate.js')];
      expect(await runCommand(process.execPath, migration, folder.path, variables)).toStrictEqual(expected);
      await onServer(`drop database ${name} with (force)`);
    },
  );

  it('because there is no schema for tables is refused', async () => {
    database = await aBareDatabase();
    await onServer(`alter database ${nameOf()} set search_path = nowhere`);
    expect(await start({ MIGRATE_ON_START: 'true' })).toStrictEqual(
      refusal('The database cannot be used: its search_path leads to no schema in which tables can be made'),
    );
    await inDatabase('set search_path = public; drop schema public');
    await onServer(`alter database ${nameOf()} reset search_path`);
    expect(await start({ MIGRATE_ON_START: 'true' })).toStrictEqual(
      refusal('The database cannot be used: its search_path leads to no schema in which tables can be made'),
    );
    expect(await start()).toStrictEqual(
      refusal(
        'The database schema is older than this version needs: run "npm run migration:run", or set MIGRATE_ON_START=true',
      ),
    );
  });

  it('because two schemas have the tables, and search_path leads to none, is refused', async () => {
    database = await aDatabase();
    await inDatabase('create schema "Staging"; create table "Staging".organization_settings (id int)');
    await onServer(`alter database ${nameOf()} set search_path = nowhere`);
    expect(await start()).toStrictEqual(
      refusal(
        'The database cannot be used: search_path (nowhere) leads to none of the schemas with its tables: "Staging", public',
      ),
    );
  });

  it('because its address is none is refused by the TypeORM commands in one line', async () => {
    database = await aDatabase();
    const revert = ['typeorm', 'migration:revert', '-d', 'dist/ormconfig.js'];
    const { code, stderr } = await runCommand('npx', revert, '.', { DATABASE_URL: 'mysql://x', JWT_SECRET });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^DATABASE_URL [^\n]*\n$/);
  });

  it('because its owner has stopped all changes is not used, and waited for by a service', async () => {
    database = await aDatabase();
    await onServer(`alter database ${nameOf()} set default_transaction_read_only = on`);
    const problem = 'it takes no changes (default_transaction_read_only is on)';
    const expected = refusal(`The database cannot be reached: ${problem}`);
    expect(await runAdmin(folder.path, ['list-users'], database.variables)).toStrictEqual(expected);
    const { stdout, ...end } = await start();
    expect({ ...end, stdout: '' }).toStrictEqual(expected);
    const waits = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(new Set(waits)).toStrictEqual(new Set([`Waiting for the database: ${problem}`]));
  });

  it('because migrations lead elsewhere is refused', async () => {
    database = await aDatabase();
    expect(
      await start({ MIGRATE_ON_START: 'true', MIGRATION_DATABASE_URL: urlOf('there_is_no_such_database') }),
    ).toStrictEqual(
      refusal(
        'The database cannot be reached by MIGRATION_DATABASE_URL: database "there_is_no_such_database" does not exist',
      ),
    );
  });

  describe('because its role lacks rights', () => {
    const role = `flashback_lacking_${unique}`;
    const asRole = () => {
      const url = new URL(database.variables['DATABASE_URL']!);
      url.username = role;
      return { DATABASE_URL: url.href };
    };

    beforeAll(() => onServer(`create role ${role} login`));
    afterAll(() => onServer(`drop role ${role}`));
    beforeEach(async () => {
      database = await aDatabase();
      for (const [table, rights] of Object.entries(TABLE_RIGHTS)) {
        await inDatabase(`grant ${rights.join(', ')} on ${table} to ${role}`);
      }
      await inDatabase(`grant execute on all functions in schema public to ${role}`);
    });

    it('names them', async () => {
      await inDatabase(
        `revoke update on service_accounts from ${role}; revoke all on organization_changes from ${role};
         revoke execute on function erase_user(varchar) from ${role}`,
      );
      const expected = refusal(
        `The role ${role} lacks rights (docs/grants.sql): update on service_accounts, select on organization_changes, ` +
          'execute on function erase_user(character varying)',
      );
      expect(await start(asRole())).toStrictEqual(expected);
      expect(await runAdmin(folder.path, ['list-users'], asRole())).toStrictEqual(expected);
    });

    it('names the first of many', async () => {
      await inDatabase(
        `revoke insert, update, delete on all tables in schema public from ${role};
         revoke select on organization_settings, user_settings, user_emails, user_subjects, invitations, operator_changes,
           members from ${role}`,
      );
      const { stderr } = await start(asRole());
      expect(stderr).toMatch(/^The role \w+ lacks rights \(docs\/grants.sql\): (\w+ on \w+, ){10}and \d+ more\n$/);
    });

    it('names the schema that it may not use', async () => {
      await inDatabase('revoke usage on schema public from public');
      expect(await start(asRole())).toStrictEqual(
        refusal('The database refuses what the start needs (docs/grants.sql): permission denied for schema public'),
      );
    });

    it('names the schema in which it may not make tables', async () => {
      await database.drop();
      database = await aBareDatabase();
      expect(await start({ ...asRole(), MIGRATE_ON_START: 'true' })).toStrictEqual(
        refusal('The database refuses what the start needs (docs/grants.sql): permission denied for schema public'),
      );
    });
  });
});
