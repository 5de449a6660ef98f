/**
 * The yardstick: the same routes, written by hand for nothing but speed. It does the work that cannot be left out
 * (verify the token, check membership and role, read or change, answer the same bytes) and has no feature beyond it.
 */
import { createVerifier, TokenError } from 'fast-jwt';
import Fastify from 'fastify';
import pg from 'pg';

const { DATABASE_URL, HOST, JWT_SECRET, PORT } = process.env;

const SETTINGS = '/settings/organization';
const JSON_TYPE = 'application/json; charset=utf-8';
const replied = (success, message) => JSON.stringify({ success, message });
const UPDATED = replied(true, 'Organization settings partially updated successfully');
const REPLACED = replied(true, 'Organization settings updated successfully');
const DELETED = replied(true, 'Organization settings keys deleted successfully');
const NOT_FOUND = replied(false, 'User not associated with any organization');

/** Its own functions, so that a change of the service's functions moves the comparison and not both sides of it. */
const FUNCTIONS = [
  `create or replace function bench_merge(target jsonb, patch jsonb) returns jsonb
  language plpgsql immutable strict parallel safe as $function$
  declare
    name text;
    value jsonb;
  begin
    if jsonb_typeof(target) <> 'object' or jsonb_typeof(patch) <> 'object' then
      return patch;
    end if;
    for name, value in select * from jsonb_each(patch) loop
      target := target || jsonb_build_object(name, coalesce(bench_merge(target -> name, value), value));
    end loop;
    return target;
  end
  $function$`,

  // Without what the path leads to, if that leads through objects only.
  `create or replace function bench_without(target jsonb, path text[]) returns jsonb
  language plpgsql immutable strict parallel safe as $function$
  begin
    if jsonb_typeof(target) <> 'object' or not target ? path[1] then
      return target;
    elsif cardinality(path) = 1 then
      return target - path[1];
    end if;
    return target || jsonb_build_object(path[1], bench_without(target -> path[1], path[2:]));
  end
  $function$`,

  // Each of the paths begins with the whole key, which wins if the document has a member of that name.
  `create or replace function bench_delete(document jsonb, paths jsonb) returns jsonb
  language plpgsql immutable strict parallel safe as $function$
  declare
    result jsonb := document;
    path text[];
  begin
    for path in select array(select jsonb_array_elements_text(p)) from jsonb_array_elements(paths) p loop
      result := case when document ? path[1] then result - path[1] else bench_without(result, path[2:]) end;
    end loop;
    return result;
  end
  $function$`,
];

const ACTIVE_MEMBER = `
  users u
  join members m on m.organization_id = u.organization_id and m.user_id = u.id and m.deleted_at is null
  join organizations o on o.id = m.organization_id and o.deleted_at is null`;

const MAY_WRITE = 'u.id = $1 and u.deleted_at is null and m.role in (254, 255)';

const READ = {
  name: 'read',
  text: `
    select coalesce(s.settings::text, '{}') as settings
    from ${ACTIVE_MEMBER}
    left join organization_settings s on s.organization_id = m.organization_id
    where u.id = $1 and u.deleted_at is null`,
};

/** It keeps no history, but says that the history knows: else the service would first keep what it finds, each time. */
const writing = (name, settings) => ({
  name,
  text: `
    update organization_settings s
    set settings = ${settings}, version = s.version + 1, history_version = s.version + 1, updated_at = now()
    from ${ACTIVE_MEMBER}
    where ${MAY_WRITE} and s.organization_id = m.organization_id`,
});
const MERGE = writing('merge', 'bench_merge(s.settings, $2::jsonb)');
const REPLACE = writing('replace', `$2::jsonb -> 'settings'`);
const DELETE = writing('delete', 'bench_delete(s.settings, $2::jsonb)');

/** The columns that may be changed, by the names that the API has for them. */
const FIELDS = {
  ...Object.fromEntries(
    ['name', 'address1', 'address2', 'city', 'zipcode', 'phone', 'state', 'country', 'is_business'].map((name) => [
      name,
      name,
    ]),
  ),
  mfaEnforced: 'mfa_enforced',
};
const COLUMNS = Object.values(FIELDS);

const UPDATE_ORGANIZATION = {
  name: 'update-organization',
  text: `
    update organizations t
    set (${COLUMNS.join(', ')}) =
        (select ${COLUMNS.map((column) => `n.${column}`).join(', ')} from jsonb_populate_record(t, $3::jsonb) n),
      version = t.version + 1, updated_at = now()
    from ${ACTIVE_MEMBER}
    where ${MAY_WRITE} and o.id = $2 and t.id = o.id
    returning t.id, t.name, t.domain, t.address1, t.address2, t.city, t.zipcode, t.phone, t.state, t.country,
      t.deleted_at as "deletedAt", t.repos_disabled as "reposDisabled", t.website, t.is_business,
      t.mfa_enforced as "mfaEnforced"`,
};

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 8 });
const verify = createVerifier({ key: JWT_SECRET, algorithms: ['HS256'], requiredClaims: ['exp'], cache: false });
const app = Fastify();

app.removeAllContentTypeParsers();
// PostgreSQL gets the text as it was sent, because JSON.parse rounds numbers.
app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
  try {
    done(null, { text, value: JSON.parse(text) });
  } catch (error) {
    done(Object.assign(error, { statusCode: 400 }));
  }
});

app.setErrorHandler((error, _request, reply) => {
  const status = error instanceof TokenError ? 401 : (error.statusCode ?? 500);
  return reply.code(status).send({ success: false, message: error.message });
});

app.get(SETTINGS, async (request, reply) => {
  const { rows } = await pool.query({ ...READ, values: [userOf(request)] });
  reply.type(JSON_TYPE);
  if (rows.length > 0) return `{"success":true,"settings":${rows[0].settings}}`;
  return reply.code(404).send(NOT_FOUND);
});

app.put(SETTINGS, (request, reply) => write(request, reply, MERGE, request.body.text, UPDATED));

app.post(SETTINGS, (request, reply) => write(request, reply, REPLACE, request.body.text, REPLACED));

app.delete(SETTINGS, (request, reply) => {
  const paths = request.body.value.keys.map((key) => [key, ...pathOf(key)]);
  return write(request, reply, DELETE, JSON.stringify(paths), DELETED);
});

app.put('/organization/:id', async (request, reply) => {
  const { value } = request.body;
  const changed = Object.keys(FIELDS).filter((name) => value[name] !== undefined);
  const columns = Object.fromEntries(changed.map((name) => [FIELDS[name], value[name]]));
  const values = [userOf(request), request.params.id, JSON.stringify(columns)];
  const { rows } = await pool.query({ ...UPDATE_ORGANIZATION, values });
  reply.type(JSON_TYPE);
  if (rows.length === 0)
    return reply.code(404).send('{"success":false,"data":null,"message":"Organization not found"}');
  return JSON.stringify({ success: true, data: rows[0], message: 'Organization updated successfully' });
});

async function write(request, reply, statement, argument, written) {
  const { rowCount } = await pool.query({ ...statement, values: [userOf(request), argument] });
  reply.type(JSON_TYPE);
  return rowCount === 1 ? written : reply.code(404).send(NOT_FOUND);
}

/** Split at dots; `\.` is a dot and `\\` a backslash. */
function pathOf(key) {
  return key.match(/(?<=^|\.)(?:\\[.\\]|[^.])*/g).map((step) => step.replace(/\\([.\\])/g, '$1'));
}

function userOf({ headers: { authorization = '' } }) {
  return verify(authorization.startsWith('Bearer ') ? authorization.slice(7) : '').sub;
}

for (const text of FUNCTIONS) await pool.query(text);
await app.listen({ host: HOST, port: Number(PORT) });
