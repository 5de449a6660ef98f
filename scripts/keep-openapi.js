// Keeps what clients rely on of openapi.json as that of the last release, for test/contract/breaking-changes.spec.ts.
// Run it when a release is made, and at no other time.
import { readFileSync, writeFileSync } from 'node:fs';

const PROSE = ['description', 'summary', 'example', 'examples', 'tags', 'info', 'servers', 'title'];

const document = JSON.parse(readFileSync('openapi.json', 'utf8'));
writeFileSync('test/contract/released.openapi.json', `${JSON.stringify(withoutProse(document))}\n`);

function withoutProse(value, isNames = false) {
  if (Array.isArray(value)) return value.map((one) => withoutProse(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => isNames || !PROSE.includes(name))
      .map(([name, one]) => [name, withoutProse(one, ['properties', 'schemas', 'paths'].includes(name) && !isNames)]),
  );
}
