import { applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Reply } from './api-reply.decorator.js';
import { ENTITY_TAG } from './api-reply.decorator.js';

const PRECONDITIONS = [
  ApiHeader({
    name: 'If-Match',
    required: false,
    schema: { type: 'string' },
    description:
      'Entity tags (RFC 9110 §13.1.1) of which one must be that of the current version; else the reply is a 412.',
  }),
  ApiHeader({
    name: 'If-None-Match',
    required: false,
    schema: { type: 'string' },
    description:
      'Of a read: the entity tags that the caller has; when one of them is that of the current version, the reply is a ' +
      '304 (RFC 9110 §13.1.2). Of a change: `*` has it made only in version 0, before any other.',
  }),
];

/** Documents the conditional headers of a read. */
export const ApiConditionalRead = () => applyDecorators(...PRECONDITIONS);

/** Documents the header with which every change may say why. */
export const ApiChangeReason = () =>
  ApiHeader({
    name: 'Change-Reason',
    required: false,
    schema: { type: 'string' },
    description:
      'Why, for the history: one line of at most 500 characters. In UTF-8 or ISO 8859-1, or, where a header must be ' +
      "ASCII, percent-encoded: `UTF-8''R%C3%BCck` (RFC 8187).",
  });

/** Documents the headers of a change of something that has versions. */
export const ApiConditionalWrite = () => applyDecorators(...PRECONDITIONS, ApiChangeReason());

export const notModifiedReply: Reply = {
  name: 'NotModified',
  description: 'The caller has the current version.',
  headers: ENTITY_TAG,
};
