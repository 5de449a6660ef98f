import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SESSION_SETTINGS, startupOptions } from './session-settings.js';

describe('the settings of a session', () => {
  it('are asked for with blanks and backslashes that are escaped, a later one in the place of an earlier', () => {
    expect(startupOptions({ search_path: '"a \\ b", pg_temp', array_nulls: 'off' })).toBe(
      '-c default_transaction_isolation=read\\ committed -c DateStyle=ISO -c array_nulls=off ' +
        '-c idle_session_timeout=0 -c idle_in_transaction_session_timeout=0 -c exit_on_error=off ' +
        '-c search_path="a\\ \\\\\\ b",\\ pg_temp',
    );
  });

  it.each(Object.entries(SESSION_SETTINGS))('have %s in the documented PgBouncer, too', (name, value) => {
    const [, query] = /connect_query='(.*)'\n/.exec(readFileSync('deploy/three-instances/pgbouncer.ini', 'utf8'))!;
    const statement = name === 'default_transaction_isolation' ? ISOLATION : `set ${name} = ${value};`;
    expect(query).toContain(statement);
  });
});

const ISOLATION = 'set session characteristics as transaction isolation level read committed;';
