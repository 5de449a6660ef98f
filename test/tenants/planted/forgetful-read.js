/** Preloaded into the service: its list of versions forgets whose they are. */
import pg from 'pg';

const { query } = pg.Client.prototype;
pg.Client.prototype.query = function (statement, ...others) {
  const text = statement.text?.replace(/\bc\.organization_id = \$3 and\b/, '');
  const isPlanted = text !== statement.text;
  return query.call(this, isPlanted ? { ...statement, name: `${statement.name}-planted`, text } : statement, ...others);
};
