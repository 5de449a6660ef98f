/**
 * Preloaded into the service, makes of it the same service that keeps no versions, so that nothing but keeping them
 * lies between the two: of each statement that changes a settings document or a profile it cuts out the part that
 * inserts the change, and leaves all others alone.
 *
 * A statement that changes one of them and has no such part is an error, or else the benchmark would compare the
 * service with itself.
 */
import pg from 'pg';

const CHANGE =
  /^((organization|user)-settings-(replace|merge|delete-keys|merge-patch|json-patch|restore)|organization-update)(-together)?$/;
const PART = /\bkept as \(\s*insert into (organization|user)_changes\b/;

/** PostgreSQL never runs this, because nothing reads from it. */
const IN_ITS_PLACE = 'kept as (select)';

/** The texts without that part, by the statements' names. */
const texts = new Map();

const { query } = pg.Client.prototype;
pg.Client.prototype.query = function (statement, ...others) {
  return query.call(this, withoutVersions(statement), ...others);
};

function withoutVersions(statement) {
  if (!CHANGE.test(statement?.name)) return statement;
  if (!texts.has(statement.name)) texts.set(statement.name, cut(statement));
  return { ...statement, text: texts.get(statement.name) };
}

function cut({ name, text }) {
  const start = text.search(PART);
  if (start === -1) throw new Error(`${name} has no part that inserts the change`);
  return text.slice(0, start) + IN_ITS_PLACE + text.slice(closingParenthesis(text, text.indexOf('(', start)) + 1);
}

/** Where the parenthesis that opens at `start` is closed. */
function closingParenthesis(text, start) {
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    if (text[index] === '(') depth++;
    if (text[index] === ')' && --depth === 0) return index;
  }
  throw new Error('A parenthesis is not closed');
}
