import { documentModel, type Json, type JsonObject, type Reply, type Request } from './document-model.js';
import { checkLinearizability, type Operation } from './linearizability.js';

export type DocumentOperation = Operation<Request, Reply>;

/** An operation that was answered between two moments; without a reply it never was. */
export const from = (called: number, input: Request, returned: number, output: Reply): DocumentOperation => ({
  called,
  input,
  returned,
  output,
});
export const unanswered = (called: number, input: Request): DocumentOperation => ({
  called,
  input,
  returned: Infinity,
  output: undefined,
});

export const read: Request = { kind: 'read' };
export const put = (patch: JsonObject): Request => ({ kind: 'merge', patch });
export const replaceTo = (value: Json): Request => ({
  kind: 'json-patch',
  patch: [{ op: 'replace', path: '/a', value }],
});
export const append = (value: number): Request => ({
  kind: 'json-patch',
  patch: [{ op: 'add', path: '/log/-', value }],
});
export const ok = (version: number): Reply => ({ status: 200, version });
export const shown = (version: number, settings: JsonObject): Reply => ({ status: 200, version, settings });

export const verdictOn = (...history: DocumentOperation[]) => checkLinearizability(documentModel, history).kind;
