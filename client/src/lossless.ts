import { FlashbackClient as RoundingClient } from './client.js';
import type { FlashbackClientOptions } from './client-options.js';
import { parse, stringify } from './lossless-json.js';
import type { AnyDeploymentSettings, DeploymentSettings } from './settings-types.js';

export * from './index.js';
export { JsonNumber } from './json-number.js';
export { parse, stringify } from './lossless-json.js';

/**
 * A `FlashbackClient` that keeps every digit. In replies, a number with more digits than JavaScript's own hold is a
 * `JsonNumber`, and every other is a plain number; requests take a `JsonNumber` or a `bigint` wherever they take a
 * number.
 */
export class FlashbackClient<
  Settings extends DeploymentSettings = AnyDeploymentSettings,
> extends RoundingClient<Settings> {
  constructor(options: Omit<FlashbackClientOptions, 'json'>) {
    super({ ...options, json: { parse, stringify } });
  }
}
