import { Injectable, type PipeTransform } from '@nestjs/common';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { isObjectText, leafPointers, readJsonText } from '../common/json/json-text.js';
import { Environment } from '../config/environment.js';
import { sizeLimitsOf } from './content.js';
import type { SettingsChange } from './settings-change.js';
import { requireStorable } from './storable.js';

/** How many leaves a merge sets one by one; with more, going through the whole document is faster. */
const MAX_LEAVES = 32;

/**
 * How long their pointers may be in all, in UTF-16 code units: each repeats the names of all members around its leaf.
 */
const MAX_POINTERS_LENGTH = 4096;

/** Takes the body of a partial update as it is, digit for digit. */
@Injectable()
export class MergeSettingsPipe implements PipeTransform<Buffer | undefined, SettingsChange> {
  constructor(private readonly environment: Environment) {}

  transform(body: Buffer | undefined): SettingsChange {
    const text = readJsonText(body);
    if (!isObjectText(text)) throw new InvalidInputError('the body must be an object');
    requireStorable(text, sizeLimitsOf('settings', this.environment));
    return { kind: 'merge', patch: text, leaves: leafPointers(text, MAX_LEAVES, MAX_POINTERS_LENGTH) };
  }
}
