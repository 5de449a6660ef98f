import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';

export interface Reply {
  readonly description: string;
  /** None for a reply without a body; several when it may be either. */
  readonly type?: Type | readonly Type[];
  /** Bodies, each under the name that the page shows. */
  readonly examples?: Record<string, object>;
  readonly headers?: Record<string, Header>;
}

interface Header {
  readonly description: string;
  readonly schema: { readonly type: 'string'; readonly example?: string };
}

const HEADERS: Record<string, Header> = {
  'X-Request-Id': {
    description: "The caller's own X-Request-Id, or a new UUID: name it when you ask about a request.",
    schema: { type: 'string' },
  },
};

const CHALLENGE: Record<string, Header> = {
  'WWW-Authenticate': {
    description: 'What is missing or wrong with the token (RFC 6750 §3).',
    schema: { type: 'string' },
  },
};

/** Of replies that show or change a version. */
export const ENTITY_TAG: Record<string, Header> = {
  ETag: {
    description: 'The entity tag of the current version (RFC 9110 §8.8.3); the number in it is that version.',
    schema: { type: 'string', example: '"7-hG3kQ0xW"' },
  },
};

/** Documents every reply that a route gives, each with its examples. */
export function ApiReplies(replies: Record<number, Reply>) {
  const types = Object.values(replies).flatMap(({ type = [] }) => type);
  return applyDecorators(
    ApiExtraModels(...types),
    ...Object.entries(replies).map(([status, { description, type, examples = {}, headers }]) =>
      ApiResponse({
        status: Number(status),
        description,
        ...(type && bodyOf(type)),
        headers: { ...HEADERS, ...(status === '401' && CHALLENGE), ...headers },
        ...(type && {
          examples: Object.fromEntries(
            Object.entries(examples).map(([summary, value]) => [summary, { summary, value }]),
          ),
        }),
      }),
    ),
  );
}

function bodyOf(type: Type | readonly Type[]) {
  if (typeof type === 'function') return { type };
  return { schema: { oneOf: type.map((one) => ({ $ref: getSchemaPath(one) })) } };
}
