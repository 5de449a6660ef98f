import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PolicyLayer } from '../../src/layers/policy.js';
import { PolicyJudge, type ProposedChange, textOf } from '../../src/layers/policy-judge.js';
import { PolicySandbox } from '../../src/layers/policy-sandbox.js';

export const judge = new PolicyJudge(new PolicySandbox(pathToFileURL(resolve('dist/service/policy-worker.js'))));

export interface Change {
  readonly before: object | string | null;
  readonly after: object | string;
  readonly system?: object;
  readonly organization?: object;
  readonly layer?: ProposedChange['layer'];
  readonly owner?: string;
}

const textOfDocument = (document: object | string) =>
  typeof document === 'string' ? document : JSON.stringify(document);

export function judgementOf({ before, after, system, organization, layer = 'user', owner = 'acme' }: Change) {
  const policyOf = (by: PolicyLayer, policy: object | undefined) =>
    policy === undefined ? [] : [{ by, ownerId: by === 'system' ? 'system' : owner, text: JSON.stringify(policy) }];
  return judge.judge({
    layer,
    before: before === null ? null : textOfDocument(before),
    after: textOfDocument(after),
    policies: [...policyOf('organization', organization), ...policyOf('system', system)],
    parties: { ownerId: owner, callerId: owner, since: performance.now() },
  });
}

export const refusedBy = async (change: Change) => (await judgementOf(change)).refused.rules.map(textOf);
export const brokenBy = async (change: Change) =>
  (await judgementOf(change)).locks.map(({ by, pointer }) => `${by} ${pointer}`);
