/**
 * A bug on purpose, preloaded into the service: a merge reads the document, merges in the service, and writes the whole
 * in a second statement. Whoever writes in between is overwritten.
 */
import { Preconditions } from '../../../dist/src/common/concurrency/preconditions.js';
import { SettingsRepository } from '../../../dist/src/settings/settings.repository.js';

const { change } = SettingsRepository.prototype;
SettingsRepository.prototype.change = async function (api, owner, wanted, ...others) {
  if (wanted.kind !== 'merge') return change.call(this, api, owner, wanted, ...others);
  const read = await this.read(api, owner, Preconditions.NONE);
  if (read === undefined) return undefined;
  const settings = merged(JSON.parse(read.settings), JSON.parse(wanted.patch));
  return change.call(this, api, owner, { kind: 'replace', document: JSON.stringify(settings) }, ...others);
};

function merged(target, patch) {
  const result = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    result[key] = isObject(target[key]) && isObject(value) ? merged(target[key], value) : value;
  }
  return result;
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
