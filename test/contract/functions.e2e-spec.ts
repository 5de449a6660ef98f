import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';

const FOLDER = 'src/database/functions';
const FILES = readdirSync(FOLDER).map((file) => ({
  name: basename(file, '.sql'),
  text: readFileSync(`${FOLDER}/${file}`, 'utf8'),
}));

/** Of the last release: they stay for its instances, which run beside new ones during an upgrade. */
const OF_THE_LAST_RELEASE = ['change_id', 'organization_settings_at', 'user_settings_at'];

interface DatabaseFunction {
  name: string;
  body: string;
  isDefiner: boolean;
  settings: string[] | null;
  isForEverybody: boolean;
}

let app: TestApp;
let functions: DatabaseFunction[];

beforeAll(async () => {
  app = await TestApp.start();
  functions = await app.dataSource.query<DatabaseFunction[]>(
    `select p.proname as name, p.prosrc as body, p.prosecdef as "isDefiner", p.proconfig as settings,
       has_function_privilege('public', p.oid, 'execute') as "isForEverybody"
     from pg_proc p where p.pronamespace = 'public'::regnamespace order by p.proname`,
  );
});
afterAll(() => app.close());

describe('the functions of the database', () => {
  it('are those of the files, and those of the last release', () => {
    const names = [...FILES.map(({ name }) => name), ...OF_THE_LAST_RELEASE];
    expect(functions.map(({ name }) => name)).toStrictEqual(names.sort());
  });

  it.each(FILES)('are what the files say: $name', ({ name, text }) => {
    const found = functions.find((one) => one.name === name)!;
    expect(text).toContain(`$function$${found.body}$function$`);
    expect(text).toContain(`create or replace function ${name}(`);
    expect(found.isDefiner).toBe(/\bsecurity definer\b/.test(text));
    // Who runs with more rights than the caller must not look up names where the caller says.
    expect(found.settings).toStrictEqual(found.isDefiner ? ['search_path=public, pg_temp'] : null);
    expect(found.isForEverybody).toBe(false);
  });
});
