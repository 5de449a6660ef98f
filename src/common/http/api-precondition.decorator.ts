import { applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Reply } from './api-reply.decorator.js';
import { ENTITY_TAG } from './api-reply.decorator.js';

const IF_MATCH = {
  name: 'If-Match',
  required: false,
  schema: { type: 'string' as const },
};
const IF_NONE_MATCH = { ...IF_MATCH, name: 'If-None-Match' };

/** Documents the conditional headers of a read (RFC 9110 §13.1). */
export const ApiConditionalRead = () =>
  applyDecorators(
    ApiHeader({
      ...IF_NONE_MATCH,
      description: 'The entity tags that the caller has: when one of them is the current, the reply is a 304.',
    }),
    ApiHeader({ ...IF_MATCH, description: 'Entity tags of which one must be the current; else the reply is a 412.' }),
  );

/** Documents the headers that every change takes. */
export const ApiConditionalWrite = () =>
  applyDecorators(
    ApiHeader({
      ...IF_MATCH,
      description: 'The change is made only to the version of one of these entity tags; else the reply is a 412.',
    }),
    ApiHeader({ ...IF_NONE_MATCH, description: '`*`: the change is made only in version 0, before any other.' }),
    ApiHeader({
      ...IF_MATCH,
      name: 'Change-Reason',
      description:
        'Why, for the history: one line of at most 500 characters. In UTF-8 or ISO 8859-1, or, where a header must be ' +
        "ASCII, percent-encoded: `UTF-8''R%C3%BCck` (RFC 8187).",
    }),
  );

export const notModifiedReply: Reply = {
  description: 'The caller has the current version.',
  headers: ENTITY_TAG,
};
