import { InvalidInputError } from '../common/errors/common.errors.js';
import { isJsonObject } from '../common/json/json-text.js';
import { PATCH_OPERATIONS, type PatchOperation } from '../common/json/patch-operation.js';
import type { Content } from './content.js';

/** The most operations of one patch. */
export const MAX_OPERATIONS = 256;

const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;

/**
 * Lets pass a well-formed JSON Patch (RFC 6902) whose outcome can be an object. Whether it fits the document, only the
 * document tells.
 *
 * @param patch what `JSON.parse` made of it
 * @param maxDepth how deep a document may nest: no pointer leads further
 * @param content what the document is called
 * @throws InvalidInputError that names the operation and what is wrong with it
 */
export function requireJsonPatch(patch: unknown, maxDepth: number, content: Content): void {
  if (!Array.isArray(patch)) throw new InvalidInputError('a JSON Patch must be an array of operations');
  if (patch.length > MAX_OPERATIONS) throw new InvalidInputError(`at most ${MAX_OPERATIONS} operations are allowed`);
  patch.forEach((operation: unknown, index) => {
    const problem = problemOf(operation, maxDepth, content);
    if (problem !== undefined) throw new InvalidInputError(`operation ${index}: ${problem}`);
  });
}

function problemOf(operation: unknown, maxDepth: number, content: Content): string | undefined {
  if (!isJsonObject(operation)) return 'must be an object';
  const { op, path, from, value } = operation;
  if (!isOperation(op)) return `op must be one of ${PATCH_OPERATIONS.join(', ')}`;
  if (!isPointer(path)) return 'path must be a JSON Pointer (RFC 6901)';
  const steps = [path, ...(typeof from === 'string' ? [from] : [])].map((pointer) => pointer.split('/').length - 1);
  if (Math.max(...steps) > maxDepth) return `nested deeper than ${maxDepth} levels`;
  if (path.split('/').includes('__proto__')) return '__proto__ cannot be used as a key';
  if (op === 'move' || op === 'copy') {
    if (!isPointer(from)) return 'from must be a JSON Pointer (RFC 6901)';
    if (op === 'move' && path.startsWith(`${from}/`)) return 'nothing can be moved into itself';
  }
  if (['add', 'replace', 'test'].includes(op) && value === undefined) return 'value is required';
  if (path !== '') return undefined;
  if (op === 'remove') return 'the whole document cannot be removed';
  if ((op === 'add' || op === 'replace') && !isJsonObject(value)) return `${content} must be an object`;
  return undefined;
}

function isOperation(value: unknown): value is PatchOperation {
  return (PATCH_OPERATIONS as readonly unknown[]).includes(value);
}

function isPointer(value: unknown): value is string {
  return typeof value === 'string' && POINTER.test(value);
}
