import { Injectable, type PipeTransform } from '@nestjs/common';
import { InvalidInputError } from '../common/errors/common.errors.js';
import {
  elementTexts,
  isArrayText,
  isObjectText,
  memberText,
  readJsonText,
  stringOf,
} from '../common/json/json-text.js';
import { MAX_KEYS } from './dto/delete-settings-keys.dto.js';
import { parseKeyPath } from './key-path.js';
import type { SettingsChange } from './settings-change.js';
import { KeysRequiredError } from './settings.errors.js';

/** Reads the keys to delete. */
@Injectable()
export class DeleteKeysPipe implements PipeTransform<Buffer | undefined, SettingsChange> {
  transform(body: Buffer | undefined): SettingsChange {
    const text = readJsonText(body);
    const array = isObjectText(text) ? memberText(text, 'keys') : undefined;
    if (array === undefined) throw new KeysRequiredError('keys is required');
    if (!isArrayText(array)) throw new KeysRequiredError('keys must be an array');
    const keys = elementTexts(array, MAX_KEYS + 1).map(stringOf);
    if (keys.length === 0) throw new KeysRequiredError('keys must not be empty');
    if (keys.length > MAX_KEYS) throw new InvalidInputError(`keys must have at most ${MAX_KEYS} elements`);
    const paths = keys.map((key, index) => {
      const problem = problemOf(key);
      if (problem !== undefined) throw new InvalidInputError(`keys[${index}] ${problem}`);
      return parseKeyPath(key!);
    });
    return { kind: 'delete-keys', keys: paths };
  }
}

function problemOf(key: string | undefined): string | undefined {
  if (key === undefined) return 'must be a string';
  if (key === '') return 'must not be empty';
  if (key.includes('\0')) return 'must not contain U+0000';
  if (!key.isWellFormed()) return 'must not contain a lone surrogate';
  return undefined;
}
