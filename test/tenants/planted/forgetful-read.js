/** Preloaded into the service: its read of an organization's settings forgets whose they are. */
import pg from 'pg';

const { query } = pg.Client.prototype;
pg.Client.prototype.query = function (statement, ...others) {
  const text = statement.text?.replace(
    'organization_settings s on s.organization_id = $1::uuid',
    'organization_settings s on true',
  );
  const isPlanted = text !== statement.text;
  return query.call(this, isPlanted ? { ...statement, name: `${statement.name}-planted`, text } : statement, ...others);
};
