import { InvalidInputError } from '../common/errors/common.errors.js';
import { isObjectText } from '../common/json/json-text.js';
import type { Environment } from '../config/environment.js';
import { type Content, sizeLimitsOf } from './content.js';
import { requireJsonPatch } from './json-patch.js';
import type { SettingsChange } from './settings-change.js';
import { requireStorable } from './storable.js';

/** The levels of a JSON Patch around a value: the array and the operation. */
const LEVELS_OF_A_JSON_PATCH = 2;

/** @param text well-formed JSON @throws InvalidInputError @throws PayloadTooLargeError */
export function replacementOf(text: string, content: Content, environment: Environment): SettingsChange {
  if (!isObjectText(text)) throw new InvalidInputError(`${content} must be an object`);
  requireStorable(text, sizeLimitsOf(content, environment));
  return { kind: 'replace', document: text };
}

/** RFC 7396. @param text well-formed JSON @throws InvalidInputError @throws PayloadTooLargeError */
export function mergePatchOf(text: string, content: Content, environment: Environment): SettingsChange {
  if (!isObjectText(text)) throw new InvalidInputError('the body must be an object');
  requireStorable(text, sizeLimitsOf(content, environment));
  return { kind: 'merge-patch', patch: text };
}

/** RFC 6902. @param text well-formed JSON @throws InvalidInputError @throws PayloadTooLargeError */
export function jsonPatchOf(text: string, content: Content, environment: Environment): SettingsChange {
  const limits = sizeLimitsOf(content, environment);
  requireJsonPatch(text, limits.depth, content);
  requireStorable(text, limits, LEVELS_OF_A_JSON_PATCH);
  return { kind: 'json-patch', patch: text };
}
