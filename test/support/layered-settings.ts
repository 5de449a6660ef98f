import { readMembers } from '../../src/common/json/json-tree.js';
import type { LayeredSettings } from '../../src/layers/fold.js';
import { type PolicyLayer, readPolicy } from '../../src/layers/policy.js';

export interface Given {
  readonly system?: object;
  readonly organization?: object;
  /** Absent: the settings of the organization are asked for. */
  readonly user?: object;
  readonly systemPolicy?: object;
  readonly organizationPolicy?: object;
}

export function settingsOf(given: Given): LayeredSettings {
  const documentOf = (document: object | undefined) => document && readMembers(JSON.stringify(document));
  const policyOf = (policy: object | undefined, by: PolicyLayer) => policy && readPolicy(JSON.stringify(policy), by);
  return {
    documents: {
      system: documentOf(given.system),
      organization: documentOf(given.organization),
      user: documentOf(given.user),
    },
    policies: {
      system: policyOf(given.systemPolicy, 'system'),
      organization: policyOf(given.organizationPolicy, 'organization'),
    },
  };
}
