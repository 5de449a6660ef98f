import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from './document-model.js';

/** Whose settings a policy binds, as its schemas are named. */
export type Layer = 'organization' | 'user';

/**
 * What the policies of the workload say of a change, written down from the contract once more: the result is judged,
 * locks first, and of rules only those count that an enforced policy has and the document did not break before. The
 * workload's locks are on members of the document, its rules that members must be there, or must not be there together.
 */
export function refusalOf(
  layer: Layer,
  policies: readonly JsonObject[],
  before: JsonObject,
  after: JsonObject,
): 400 | 403 | undefined {
  const locked = policies.flatMap(({ locks }) => Object.keys(locks ?? {})).map((pointer) => pointer.slice(1));
  // To remove a value of one's own is allowed.
  if (locked.some((name) => name in after && !isDeepStrictEqual(before[name], after[name]))) return 403;
  return policies.some((policy) => {
    if ((policy['enforcement'] ?? 'enforce') !== 'enforce') return false;
    const broken = brokenRules(policy, layer, before);
    return brokenRules(policy, layer, after).some((rule) => !broken.includes(rule));
  })
    ? 400
    : undefined;
}

interface Rules {
  readonly required?: readonly string[];
  readonly not?: { readonly required: readonly string[] };
}

function brokenRules({ schema }: JsonObject, layer: Layer, document: JsonObject): string[] {
  const { required = [], not } = ((schema ?? {}) as Partial<Record<Layer, Rules>>)[layer] ?? {};
  const missing = required.filter((name) => !(name in document));
  return not?.required.every((name) => name in document) === true ? ['not', ...missing] : missing;
}
