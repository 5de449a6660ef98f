interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
}

type Contents = Readonly<Record<string, { readonly schema?: Schema }>>;

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}

interface Operation {
  readonly operationId?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Contents };
  readonly responses: Readonly<Record<string, { readonly headers?: object; readonly content?: Contents }>>;
}

/** What of an OpenAPI document a client relies on. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** Who sends a value: what a client sends may be allowed more later, and what the service sends may be less. */
type Sender = 'client' | 'service';

/**
 * What a client of the old document would notice in the new one, a line each: operations, parameters, statuses, media
 * types, headers or members that are gone or have another type; what is newly required of a request, or no longer
 * promised of a reply.
 */
export function breakingChanges(old: ApiDocument, now: ApiDocument): string[] {
  return Object.entries(old.paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).flatMap(([verb, operation]) => {
      const where = `${verb.toUpperCase()} ${path}`;
      const same = now.paths[path]?.[verb];
      return same === undefined ? [`${where} is gone`] : ofOperation(where, operation, same);
    }),
  );

  function ofOperation(where: string, before: Operation, after: Operation): string[] {
    const found: string[] = [];
    if (before.operationId !== after.operationId) found.push(`${where} has another operation id`);
    const known = before.parameters ?? [];
    for (const parameter of known) {
      const same = after.parameters?.find((one) => one.name === parameter.name && one.in === parameter.in);
      if (same === undefined) found.push(`${where}: parameter ${parameter.name} is gone`);
      else found.push(...ofSchema(`${where}: ${parameter.name}`, 'client', parameter.schema, same.schema));
    }
    for (const { name, required } of after.parameters ?? []) {
      const wasRequired = known.find((one) => one.name === name)?.required;
      if (required && !wasRequired) found.push(`${where}: parameter ${name} is required`);
    }
    if (after.requestBody?.required && !before.requestBody?.required) found.push(`${where}: a body is required`);
    found.push(...ofContents(`${where}: body`, 'client', before.requestBody?.content, after.requestBody?.content));
    for (const [status, reply] of Object.entries(before.responses)) {
      const same = after.responses[status];
      if (same === undefined) {
        found.push(`${where}: status ${status} is gone`);
        continue;
      }
      for (const header of Object.keys(reply.headers ?? {})) {
        if (!Object.hasOwn(same.headers ?? {}, header)) found.push(`${where}: ${status} has no header ${header}`);
      }
      found.push(...ofContents(`${where}: ${status}`, 'service', reply.content, same.content));
    }
    return found;
  }

  function ofContents(where: string, sender: Sender, before: Contents = {}, after: Contents = {}): string[] {
    return Object.entries(before).flatMap(([mediaType, { schema }]) => {
      const same = after[mediaType];
      return same === undefined ? [`${where}: ${mediaType} is gone`] : ofSchema(where, sender, schema, same.schema);
    });
  }

  function ofSchema(where: string, sender: Sender, before: Schema = {}, after: Schema = {}): string[] {
    const [was, is] = [resolve(old, before), resolve(now, after)];
    const found: string[] = [];
    const [wider, narrower] = sender === 'client' ? [is, was] : [was, is];
    const strange = typesOf(narrower).filter((type) => !isAmong(type, typesOf(wider)));
    if (strange.length > 0) found.push(`${where} has another type: ${typesOf(is).join(' or ')}`);
    const gone = sender === 'client' && is.enum && was.enum?.filter((value) => !is.enum!.includes(value));
    if (gone && gone.length > 0) found.push(`${where} may not be ${gone.join(', ')} any more`);
    for (const [name, member] of Object.entries(was.properties ?? {})) {
      const same = is.properties?.[name];
      if (same === undefined) found.push(`${where}: member ${name} is gone`);
      else found.push(...ofSchema(`${where}.${name}`, sender, member, same));
    }
    const [must, mustNot] = sender === 'client' ? [is, was] : [was, is];
    for (const name of must.required ?? []) {
      const isSame = mustNot.required?.includes(name) ?? false;
      if (!isSame) found.push(`${where}: member ${name} is ${sender === 'client' ? 'required' : 'optional'}`);
    }
    if (was.items !== undefined) found.push(...ofSchema(`${where}[]`, sender, was.items, is.items));
    return found;
  }
}

function resolve(document: ApiDocument, schema: Schema): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : resolve(document, document.components.schemas[name]!);
}

/** The types of a value; none where it may be anything. */
function typesOf({ type, oneOf, enum: values }: Schema): string[] {
  if (oneOf !== undefined) return oneOf.flatMap(typesOf);
  if (type !== undefined) return [type].flat();
  return values === undefined ? [] : [...new Set(values.map((value) => typeof value))];
}

function isAmong(type: string, types: readonly string[]): boolean {
  return types.length === 0 || types.includes(type) || (type === 'integer' && types.includes('number'));
}
