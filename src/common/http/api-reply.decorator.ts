import { applyDecorators, type Type } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';

export interface Reply {
  readonly description: string;
  readonly type: Type;
  /** Bodies, each under the name that the page shows. */
  readonly examples: Record<string, object>;
}

const HEADERS = {
  'X-Request-Id': {
    description: "The caller's own X-Request-Id, or a new UUID: name it when you ask about a request.",
    schema: { type: 'string' as const },
  },
};

const CHALLENGE = {
  'WWW-Authenticate': {
    description: 'What is missing or wrong with the token (RFC 6750 §3).',
    schema: { type: 'string' as const },
  },
};

/** Documents every reply that a route gives, each with its examples. */
export function ApiReplies(replies: Record<number, Reply>) {
  return applyDecorators(
    ...Object.entries(replies).map(([status, { description, type, examples }]) =>
      ApiResponse({
        status: Number(status),
        description,
        type,
        headers: status === '401' ? { ...HEADERS, ...CHALLENGE } : HEADERS,
        examples: Object.fromEntries(Object.entries(examples).map(([summary, value]) => [summary, { summary, value }])),
      }),
    ),
  );
}
