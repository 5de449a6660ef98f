/**
 * Preloaded into a server that uses pg, writes each statement that it sends, with its values as PostgreSQL gets them,
 * to the file that BENCH_STATEMENTS names, as a line of JSON.
 */
import { appendFileSync } from 'node:fs';
import pg from 'pg';
import { prepareValue } from 'pg/lib/utils.js';

const { query } = pg.Client.prototype;
pg.Client.prototype.query = function (statement, ...others) {
  const { text, values = [] } =
    typeof statement === 'string' ? { text: statement, values: Array.isArray(others[0]) ? others[0] : [] } : statement;
  appendFileSync(process.env.BENCH_STATEMENTS, `${JSON.stringify({ text, values: values.map(prepareValue) })}\n`);
  return query.call(this, statement, ...others);
};
