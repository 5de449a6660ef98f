import { InvalidInputError } from '../common/errors/common.errors.js';
import { elementTexts, isArrayText, isObjectText, memberTexts, stringOf } from '../common/json/json-text.js';
import { PATCH_OPERATIONS, type PatchOperation } from '../common/json/patch-operation.js';
import type { Content } from './content.js';

/** The most operations of one patch. */
export const MAX_OPERATIONS = 256;

/**
 * Lets pass a well-formed JSON Patch (RFC 6902) whose outcome can be an object. Whether it fits the document, only the
 * document tells.
 *
 * @param patch well-formed JSON
 * @param maxDepth how deep a document may nest: no pointer leads further
 * @param content what the document is called
 * @throws InvalidInputError that names the operation and what is wrong with it
 */
export function requireJsonPatch(patch: string, maxDepth: number, content: Content): void {
  if (!isArrayText(patch)) throw new InvalidInputError('a JSON Patch must be an array of operations');
  const operations = elementTexts(patch, MAX_OPERATIONS + 1);
  if (operations.length > MAX_OPERATIONS)
    throw new InvalidInputError(`at most ${MAX_OPERATIONS} operations are allowed`);
  operations.forEach((operation, index) => {
    const problem = problemOf(operation, maxDepth, content);
    if (problem !== undefined) throw new InvalidInputError(`operation ${index}: ${problem}`);
  });
}

function problemOf(operation: string, maxDepth: number, content: Content): string | undefined {
  if (!isObjectText(operation)) return 'must be an object';
  const members = memberTexts(operation, ['op', 'path', 'from', 'value']);
  const [op, path, from] = [members.op, members.path, members.from].map(stringOf);
  if (!isOperation(op)) return `op must be one of ${PATCH_OPERATIONS.join(', ')}`;
  if (!isPointer(path)) return 'path must be a JSON Pointer (RFC 6901)';
  if (Math.max(depthOf(path), depthOf(from ?? '')) > maxDepth) return `nested deeper than ${maxDepth} levels`;
  if (path.split('/').includes('__proto__')) return '__proto__ cannot be used as a key';
  if (op === 'move' || op === 'copy') {
    if (!isPointer(from)) return 'from must be a JSON Pointer (RFC 6901)';
    if (op === 'move' && path.startsWith(`${from}/`)) return 'nothing can be moved into itself';
  }
  if (['add', 'replace', 'test'].includes(op) && members.value === undefined) return 'value is required';
  if (path !== '') return undefined;
  if (op === 'remove') return 'the whole document cannot be removed';
  if ((op === 'add' || op === 'replace') && !isObjectText(members.value!)) return `${content} must be an object`;
  return undefined;
}

function isOperation(text: string | undefined): text is PatchOperation {
  return (PATCH_OPERATIONS as readonly unknown[]).includes(text);
}

function isPointer(text: string | undefined): text is string {
  return text === '' || (text?.startsWith('/') === true && !/~(?![01])/.test(text));
}

/** How many steps a JSON Pointer has, without making them: there may be a million. */
function depthOf(pointer: string): number {
  let steps = 0;
  for (let at = pointer.indexOf('/'); at >= 0; at = pointer.indexOf('/', at + 1)) steps++;
  return steps;
}
