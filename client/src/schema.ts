import type { components } from './openapi.js';

type Schemas = components['schemas'];

/** A schema of the service's OpenAPI document, where `Known` says more of some members than the document can. */
export type Schema<Name extends keyof Schemas, Known = unknown> = {
  [Member in keyof Schemas[Name]]: Member extends keyof Known ? Known[Member] : Schemas[Name][Member];
};

/** What says which version it shows, or made. */
export interface Versioned {
  /** From the reply's `ETag`, for `ifVersion` and `getIfChanged`. */
  version: number;
}

/** What becomes of a change of settings that policies bind. */
export interface Judged {
  /** Such as `2 violations`: how many rules of policies that only warn it breaks. */
  warning?: string;
}

/** What a read found that wants only what is new. */
export type IfChanged<Reply> = ({ changed: true } & Reply) | { changed: false };

/** @param reply `undefined` where nothing is new */
export function ifChanged<Reply extends object>(reply: Reply | undefined): IfChanged<Reply> {
  return reply === undefined ? { changed: false } : { changed: true, ...reply };
}
