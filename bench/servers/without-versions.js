/**
 * Preloaded into the service, makes of it the same service that keeps no versions, so that nothing but keeping them
 * lies between the two: beside each function that changes a document or a profile it makes one without the statements
 * that insert into the history, and calls that one instead.
 */
import { readFile } from 'node:fs/promises';
import pg from 'pg';

const FUNCTIONS = ['organization_settings_change_3', 'user_settings_change_3', 'organization_change_3'];
const FOLDER = new URL('../../src/database/functions/', import.meta.url);
const SUFFIX = '_without_versions';

const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
await client.connect();
for (const name of FUNCTIONS) {
  const text = await readFile(new URL(`${name}.sql`, FOLDER), 'utf8');
  const without = text.replaceAll(/insert into (?:organization|user)_changes\b[^;]*;/g, '');
  // Or else the benchmark would compare the service with itself.
  if (without === text) throw new Error(`${name} inserts nothing into the history`);
  await client.query(without.replaceAll(name, `${name}${SUFFIX}`));
}
await client.end();

const CALL = new RegExp(`\\b(${FUNCTIONS.join('|')})\\(`, 'g');

const { query } = pg.Client.prototype;
pg.Client.prototype.query = function (statement, ...others) {
  const { text } = statement;
  return query.call(this, text ? { ...statement, text: text.replaceAll(CALL, `$1${SUFFIX}(`) } : statement, ...others);
};
