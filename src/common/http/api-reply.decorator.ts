import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { ERROR_CODES } from '../errors/error-code.js';

/** Where a reply keeps its name on the way into the document. */
export const REPLY_NAME = 'x-name';

export interface Reply {
  /** Of a reply that several operations give: in the document it is a component of this name. */
  readonly name?: string;
  readonly description: string;
  /** None for a reply without a body; several when it may be either. */
  readonly type?: Type | readonly Type[];
  /** A body that is text instead, as an example; `text/plain` unless its media type says otherwise. */
  readonly text?: string;
  readonly mediaType?: string;
  /** Bodies, each under the name that the page shows. */
  readonly examples?: Record<string, object>;
  readonly headers?: Record<string, Header>;
}

interface Header {
  readonly description: string;
  readonly schema: { readonly type: 'string'; readonly example?: string; readonly enum?: string[] };
}

const HEADERS: Record<string, Header> = {
  'X-Request-Id': {
    description: "The caller's own X-Request-Id, or a new UUID: name it when you ask about a request.",
    schema: { type: 'string' },
  },
};

const ERROR_CODE: Record<string, Header> = {
  'X-Error-Code': {
    description: 'What went wrong, finer than the status says it. The set grows; a code keeps its name and meaning.',
    schema: { type: 'string', enum: [...ERROR_CODES] },
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

/** Of replies that refuse a change of another version than the current one. */
export const CURRENT_VERSION: Record<string, Header> = {
  ...ENTITY_TAG,
  'Current-Version-By': {
    description:
      'The id of the user or service account who made the current version, for callers who may read it. What is not ' +
      "ASCII is percent-encoded: `UTF-8''R%C3%BCck` (RFC 8187). Absent when it was an operator, or somebody whose data " +
      'was erased.',
    schema: { type: 'string', example: '3f1c1c0e-5d3b-4c58-9a55-0c9a3a5c9f10' },
  },
  'Current-Version-At': {
    description: 'When that was (RFC 3339), for callers who may read it.',
    schema: { type: 'string', example: '2026-11-21T12:00:00.000Z' },
  },
};

/** Of replies that ask for another attempt later. */
export const RETRY_AFTER: Record<string, Header> = {
  'Retry-After': { description: 'When to try again, in seconds (RFC 9110 §10.2.3).', schema: { type: 'string' } },
};

/** Of replies that refuse a body for its media type. */
export const ACCEPT: Record<string, Header> = {
  Accept: { description: 'The media types that the body may have (RFC 9110 §15.5.16).', schema: { type: 'string' } },
};

/** Of every reply to a caller, or an address, whose requests are counted. */
const RATE_LIMIT: Record<string, Header> = {
  'RateLimit-Policy': {
    description: 'How many requests (`q`) are allowed in how many seconds (`w`), for each policy.',
    schema: { type: 'string', example: '"caller";q=6000;w=60' },
  },
  RateLimit: {
    description: 'How many are left (`r`), and for how many seconds this holds (`t`).',
    schema: { type: 'string', example: '"caller";r=5999;t=60' },
  },
};

/** Documents every reply that a route gives, each with its examples. */
export function ApiReplies(replies: Record<number, Reply>) {
  const types = Object.values(replies).flatMap(({ type = [] }) => type);
  return applyDecorators(
    ApiExtraModels(...types),
    ...Object.entries(replies).map(([status, { name, description, type, text, mediaType, examples = {}, headers }]) =>
      ApiResponse({
        status: Number(status),
        ...(name !== undefined && { [REPLY_NAME]: name }),
        description,
        ...(type && bodyOf(type)),
        ...(text !== undefined && { content: textOf(text, mediaType) }),
        headers: {
          ...HEADERS,
          ...(Number(status) >= 400 && ERROR_CODE),
          ...('429' in replies && RATE_LIMIT),
          ...(status === '401' && CHALLENGE),
          ...headers,
        },
        ...(type && {
          examples: Object.fromEntries(
            Object.entries(examples).map(([summary, value]) => [summary, { summary, value }]),
          ),
        }),
      }),
    ),
  );
}

function textOf(value: string, mediaType = 'text/plain') {
  return { [mediaType]: { schema: { type: 'string' as const }, examples: { Text: { summary: 'Text', value } } } };
}

function bodyOf(type: Type | readonly Type[]) {
  if (typeof type === 'function') return { type };
  return { schema: { oneOf: type.map((one) => ({ $ref: getSchemaPath(one) })) } };
}
