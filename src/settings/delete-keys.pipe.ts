import { Injectable, type PipeTransform } from '@nestjs/common';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { isJsonObject, readJson } from '../common/json/json-text.js';
import { MAX_KEYS } from './dto/delete-settings-keys.dto.js';
import { parseKeyPath } from './key-path.js';
import type { SettingsChange } from './settings-change.js';
import { KeysRequiredError } from './settings.errors.js';

/** Reads the keys to delete. */
@Injectable()
export class DeleteKeysPipe implements PipeTransform<Buffer | undefined, SettingsChange> {
  transform(body: Buffer | undefined): SettingsChange {
    const { value } = readJson(body);
    const keys = isJsonObject(value) ? value['keys'] : undefined;
    if (keys === undefined) throw new KeysRequiredError('keys is required');
    if (!Array.isArray(keys)) throw new KeysRequiredError('keys must be an array');
    if (keys.length === 0) throw new KeysRequiredError('keys must not be empty');
    if (keys.length > MAX_KEYS) throw new InvalidInputError(`keys must have at most ${MAX_KEYS} elements`);
    const paths = keys.map((key: unknown, index) => {
      const problem = problemOf(key);
      if (problem !== undefined) throw new InvalidInputError(`keys[${index}] ${problem}`);
      return parseKeyPath(key as string);
    });
    return { kind: 'delete-keys', keys: paths };
  }
}

function problemOf(key: unknown): string | undefined {
  if (typeof key !== 'string') return 'must be a string';
  if (key === '') return 'must not be empty';
  if (key.includes('\0')) return 'must not contain U+0000';
  if (!key.isWellFormed()) return 'must not contain a lone surrogate';
  return undefined;
}
