// Writes the types of the OpenAPI document to src/openapi.ts; with --check, fails if the file has others. The command
// of openapi-typescript does the same, but not in a folder with an encoded slash in its path.
import { readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';

const FILE = new URL('../src/openapi.ts', import.meta.url);

const document = readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8');
const types = COMMENT_HEADER + astToString(await openapiTS(document, { cwd: new URL('file:///') }));

if (!process.argv.includes('--check')) writeFileSync(FILE, types);
else if (readFileSync(FILE, 'utf8') !== types) {
  process.stderr.write('client/src/openapi.ts has other types than openapi.json: run "npm run openapi"\n');
  process.exit(1);
}
