import type { components } from './openapi.js';

type Schemas = components['schemas'];

/** A schema of the service's OpenAPI document, where `Known` says more of some members than the document can. */
export type Schema<Name extends keyof Schemas, Known = unknown> = {
  [Member in keyof Schemas[Name]]: Member extends keyof Known ? Known[Member] : Schemas[Name][Member];
};

/** What says which version it shows, or made. */
export interface Versioned {
  /** For `ifVersion`. Absent when the reply has no `ETag`, as that of an older service, so not every reply has one. */
  version?: number;
}
