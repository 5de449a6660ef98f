import type { PipeTransform } from '@nestjs/common';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { isJsonObject, readJsonValue } from '../common/json/json-text.js';
import { unknownName } from '../common/validation/unknown-name.js';
import { VERSION_NUMBER } from '../common/versions/is-version.decorator.js';
import { isOrganizationId } from '../organization/organization-id.js';
import { MAX_BATCH } from './dto/settings-batch.dto.js';
import type { WantedSettings } from './settings-batch.repository.js';

/** Reads which settings are wanted. */
export class SettingsBatchPipe implements PipeTransform<Buffer | undefined, WantedSettings[]> {
  /** @throws InvalidInputError */
  transform(body: Buffer | undefined): WantedSettings[] {
    const value = readJsonValue(body);
    if (!isJsonObject(value)) throw new InvalidInputError('the body must be an object');
    requireKnown(value, ['organizations'], '');
    const { organizations } = value;
    if (organizations === undefined) throw new InvalidInputError('organizations is required');
    if (!Array.isArray(organizations)) throw new InvalidInputError('organizations must be an array');
    if (organizations.length === 0) throw new InvalidInputError('organizations must not be empty');
    if (organizations.length > MAX_BATCH) {
      throw new InvalidInputError(`organizations must have at most ${MAX_BATCH} elements`);
    }
    const ids = new Set<string>();
    return organizations.map((one: unknown, index) => {
      const wanted = wantedOf(one, `organizations[${index}]`);
      if (ids.has(wanted.id)) throw new InvalidInputError(`organizations[${index}].id is there twice`);
      ids.add(wanted.id);
      return wanted;
    });
  }
}

function wantedOf(value: unknown, name: string): WantedSettings {
  if (!isJsonObject(value)) throw new InvalidInputError(`${name} must be an object`);
  requireKnown(value, ['id', 'version'], ` in ${name}`);
  const { id, version } = value;
  if (typeof id !== 'string' || !isOrganizationId(id)) throw new InvalidInputError(`${name}.id must be a UUID`);
  if (version === undefined) return { id: id.toLowerCase() };
  // A greater number would have lost digits.
  const knownVersion = typeof version === 'number' && Number.isSafeInteger(version) ? String(version) : version;
  if (typeof knownVersion !== 'string' || !VERSION_NUMBER.test(knownVersion)) {
    throw new InvalidInputError(`${name}.version must be the number of a version`);
  }
  return { id: id.toLowerCase(), knownVersion };
}

function requireKnown(value: object, known: readonly string[], where: string): void {
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new InvalidInputError(unknownName('member', unknown, known) + where);
}
