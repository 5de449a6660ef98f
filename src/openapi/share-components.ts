import type { OpenAPIObject } from '@nestjs/swagger';
import { REPLY_NAME } from '../common/http/api-reply.decorator.js';

type Shared = 'parameters' | 'headers' | 'responses';

/**
 * Moves what operations have in common into the components of the document (OpenAPI 3.1 §4.8.7): headers and parameters
 * under their own names, replies under those that `ApiReplies` was given. So the document says each of them once. A
 * parameter, or a header, that is another one than the first of its name stays where it is.
 *
 * @throws Error when two replies of one name differ
 */
export function shareComponents({ paths, components }: OpenAPIObject): void {
  const all = components as Partial<Record<Shared, Record<string, object>>>;
  const share = (kind: Shared, name: string, value: object) => {
    const shared = (all[kind] ??= {});
    const known = (shared[name] ??= value);
    if (JSON.stringify(known) !== JSON.stringify(value)) {
      if (kind !== 'responses') return value;
      throw new Error(`two ${kind} of the document are named ${name}`);
    }
    return { $ref: `#/components/${kind}/${name}` };
  };
  for (const operation of Object.values(paths).flatMap((verbs) => Object.values(verbs) as Operation[])) {
    operation.parameters &&= (operation.parameters as { name: string }[]).map((parameter) =>
      share('parameters', parameter.name, parameter),
    );
    for (const [status, reply] of Object.entries(operation.responses)) {
      const { [REPLY_NAME]: name, headers = {}, ...rest } = reply as NamedReply;
      const shown = {
        ...rest,
        headers: Object.fromEntries(
          Object.entries(headers).map(([header, value]) => [header, share('headers', header, value)]),
        ),
      };
      operation.responses[status] = name === undefined ? shown : share('responses', name, shown);
    }
  }
}

interface Operation {
  parameters?: object[];
  readonly responses: Record<string, object>;
}

interface NamedReply {
  readonly [REPLY_NAME]?: string;
  readonly headers?: Record<string, object>;
}
