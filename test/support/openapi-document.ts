import { readFileSync } from 'node:fs';

type Json = Record<string, unknown>;

/**
 * The committed OpenAPI document, in which each operation has its parameters, replies and headers at their place,
 * however many share them. References to schemas stay.
 */
export function openApiDocument<Document>(file = 'openapi.json'): Document {
  const document = JSON.parse(readFileSync(file, 'utf8')) as Json;
  return { ...document, paths: resolved(document, document['paths']) } as Document;
}

function resolved(document: Json, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => resolved(document, one));
  if (typeof value !== 'object' || value === null) return value;
  const reference = (value as { $ref?: unknown }).$ref;
  if (typeof reference === 'string' && !reference.startsWith('#/components/schemas/')) {
    return resolved(document, at(document, reference));
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolved(document, one)]));
}

/** What a reference within the document leads to (RFC 6901, as a URI fragment). */
function at(document: Json, reference: string): unknown {
  let value: unknown = document;
  for (const name of reference.slice(2).split('/')) value = (value as Json)[name];
  return value;
}
