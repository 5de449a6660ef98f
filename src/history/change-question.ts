import type { Preconditions } from '../common/concurrency/preconditions.js';
import type { Question } from '../database/shared-statement.js';
import type { ChangeOrigin } from './change-origin.js';

/**
 * What each change asks beside what is to be changed. A list is an array as text, because arrays of arrays have elements of
 * one length.
 */
export const CHANGE_QUESTION = {
  to_match: 'text',
  not_to_match: 'text',
  demands_version_0: 'boolean',
  request_id: 'varchar',
  reason: 'varchar',
} as const;

/** The values of `CHANGE_QUESTION`. */
export function changeQuestion(ownerId: string, preconditions: Preconditions, origin: ChangeOrigin): Question {
  return [
    arrayLiteral(preconditions.versionsToMatch(ownerId)),
    arrayLiteral(preconditions.versionsNotToMatch(ownerId)),
    preconditions.demandsVersion0,
    origin.requestId,
    origin.reason,
  ];
}

/** SQL: whether a question `q` is for this version, among others. */
export const isForVersion = (q: string, version: string): string => `
  (${q}.to_match is null or ${version} = any(${q}.to_match::bigint[]))
  and (${q}.not_to_match is null or ${version} <> all(${q}.not_to_match::bigint[]))
  and (${version} = 0 or not ${q}.demands_version_0)`;

/** An array as PostgreSQL writes it. */
export function arrayLiteral(elements: readonly string[] | null): string | null {
  return elements && `{${elements.map((element) => `"${element.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
