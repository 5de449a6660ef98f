import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

interface Schema {
  readonly [keyword: string]: unknown;
  readonly properties?: Record<string, Schema>;
}

interface DocumentedReply {
  readonly content?: Record<string, { readonly schema?: Schema }>;
}

interface Operation {
  readonly responses: Record<string, DocumentedReply>;
}

/** What of an OpenAPI document says how replies look. */
export interface ReplyDocument {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components?: { readonly schemas?: Record<string, Schema> };
}

/** A reply, from whichever client it came. */
export interface JudgedReply {
  readonly status: number;
  readonly mediaType: string | undefined;
  /** The body as it came; empty where there was none. */
  readonly text: string;
}

const SCHEMAS = 'schemas.json';

/** Judges replies by an OpenAPI document: status, media type, and each member of a body that is JSON. */
export class DocumentedReplies {
  private readonly ajv = formats.default(new Ajv2020({ strict: false, allErrors: true }));
  private readonly validators = new Map<Schema, ValidateFunction>();
  private readonly operations: { readonly method: string; readonly path: RegExp; readonly operation: Operation }[];

  constructor(document: ReplyDocument) {
    const schemas = Object.entries(document.components?.schemas ?? {});
    this.ajv.addSchema({
      $id: SCHEMAS,
      components: { schemas: Object.fromEntries(schemas.map(([name, schema]) => [name, closed(schema)])) },
    });
    // A path without parameters is meant before one with them (OpenAPI 3.1 §4.8.8.2).
    const templates = Object.entries(document.paths).sort(([a], [b]) => parametersIn(a) - parametersIn(b));
    this.operations = templates.flatMap(([template, methods]) => {
      const path = new RegExp(`^${template.replace(/\{[^}]*\}/g, '[^/]+')}$`);
      return Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation }));
    });
  }

  /** Says what the document does not allow in a reply; undefined for a good one, and where no operation is asked. */
  problemOf(method: string, target: string, reply: JudgedReply): string | undefined {
    const [path = ''] = target.split('?');
    const found = this.operations.find((one) => one.method === method && one.path.test(path));
    if (found === undefined) return undefined;
    const problem = this.problemIn(found.operation, reply);
    return problem && `${method} ${target} answered ${reply.status} ${reply.text.slice(0, 500)}\n  ${problem}`;
  }

  private problemIn({ responses }: Operation, { status, mediaType, text }: JudgedReply): string | undefined {
    const documented = responses[status];
    if (documented === undefined) return `the status is not one of ${Object.keys(responses).join(', ')}`;
    const { content } = documented;
    if (content === undefined) return text === '' ? undefined : 'no body is documented';
    const [type = ''] = mediaType?.split(';', 1) ?? [];
    const schema = content[type]?.schema;
    if (schema === undefined) return `${type} is not one of ${Object.keys(content).join(', ')}`;
    const validate = this.validatorOf(schema);
    if (validate(type === 'application/json' ? JSON.parse(text) : text)) return undefined;
    return this.ajv.errorsText(validate.errors, { dataVar: 'the body', separator: '\n  ' });
  }

  /** Compiles a schema when the first reply needs it. */
  private validatorOf(schema: Schema): ValidateFunction {
    const known = this.validators.get(schema);
    if (known !== undefined) return known;
    const validate = this.ajv.compile(closed(schema));
    this.validators.set(schema, validate);
    return validate;
  }
}

/** The schema with no members but those that it names, unless it says itself which others there may be. */
function closed(schema: Schema): Schema {
  const { properties, ...others } = schema;
  const entries = Object.entries(others).map(([keyword, value]) => {
    if (keyword === '$ref') return [keyword, `${SCHEMAS}${String(value)}`];
    if (['items', 'additionalProperties'].includes(keyword) && typeof value === 'object') {
      return [keyword, closed(value as Schema)];
    }
    if (['oneOf', 'anyOf', 'allOf'].includes(keyword)) return [keyword, (value as Schema[]).map(closed)];
    return [keyword, value];
  });
  return {
    ...(properties && { additionalProperties: false, properties: closedEach(properties) }),
    ...(Object.fromEntries(entries) as Schema),
  };
}

function closedEach(schemas: Record<string, Schema>): Record<string, Schema> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, closed(schema)]));
}

function parametersIn(template: string): number {
  return template.split('{').length;
}
