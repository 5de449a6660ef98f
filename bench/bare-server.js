/**
 * The yardstick: the same two routes, written by hand for nothing but speed. It does the work that cannot be left out
 * (verify the token, check membership and role, read or merge, answer the same bytes) and has no feature beyond it.
 */
import { createVerifier, TokenError } from 'fast-jwt';
import Fastify from 'fastify';
import pg from 'pg';

const { DATABASE_URL, HOST, JWT_SECRET, PORT } = process.env;

const PATH = '/settings/organization';
const JSON_TYPE = 'application/json; charset=utf-8';
const WRITTEN = '{"success":true,"message":"Organization settings partially updated successfully"}';
const NOT_FOUND = '{"success":false,"message":"User not associated with any organization"}';

/** Its own merge, so that a change of the service's merge moves the comparison and not both sides of it. */
const MERGE = `
  create or replace function bench_merge(target jsonb, patch jsonb) returns jsonb
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
  $function$`;

const ACTIVE_MEMBER = `
  users u
  join members m on m.organization_id = u.organization_id and m.user_id = u.id and m.deleted_at is null
  join organizations o on o.id = m.organization_id and o.deleted_at is null`;

const READ = {
  name: 'read',
  text: `
    select coalesce(s.settings::text, '{}') as settings
    from ${ACTIVE_MEMBER}
    left join organization_settings s on s.organization_id = m.organization_id
    where u.id = $1 and u.deleted_at is null`,
};

/** It keeps no history, but says that the history knows: else the service would first keep what it finds, each time. */
const WRITE = {
  name: 'write',
  text: `
    update organization_settings s
    set settings = bench_merge(s.settings, $2::jsonb), version = s.version + 1, history_version = s.version + 1,
      updated_at = now()
    from ${ACTIVE_MEMBER}
    where u.id = $1 and u.deleted_at is null and m.role in (254, 255) and s.organization_id = m.organization_id`,
};

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 8 });
const verify = createVerifier({ key: JWT_SECRET, algorithms: ['HS256'], requiredClaims: ['exp'], cache: false });
const app = Fastify();

app.removeAllContentTypeParsers();
// PostgreSQL gets the text as it was sent, because JSON.parse rounds numbers.
app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
  try {
    JSON.parse(body);
    done(null, body);
  } catch (error) {
    done(Object.assign(error, { statusCode: 400 }));
  }
});

app.setErrorHandler((error, _request, reply) => {
  const status = error instanceof TokenError ? 401 : (error.statusCode ?? 500);
  return reply.code(status).send({ success: false, message: error.message });
});

app.get(PATH, async (request, reply) => {
  const { rows } = await pool.query({ ...READ, values: [userOf(request)] });
  reply.type(JSON_TYPE);
  if (rows.length > 0) return `{"success":true,"settings":${rows[0].settings}}`;
  return reply.code(404).send(NOT_FOUND);
});

app.put(PATH, async (request, reply) => {
  const { rowCount } = await pool.query({ ...WRITE, values: [userOf(request), request.body] });
  reply.type(JSON_TYPE);
  return rowCount === 1 ? WRITTEN : reply.code(404).send(NOT_FOUND);
});

function userOf({ headers: { authorization = '' } }) {
  return verify(authorization.startsWith('Bearer ') ? authorization.slice(7) : '').sub;
}

await pool.query(MERGE);
await app.listen({ host: HOST, port: Number(PORT) });
