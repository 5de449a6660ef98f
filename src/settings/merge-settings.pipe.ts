import { Injectable, type PipeTransform } from '@nestjs/common';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { isJsonObject, readJson } from '../common/json/json-text.js';
import { Environment } from '../config/environment.js';
import type { SettingsChange } from './settings-change.js';
import { requireStorable } from './storable.js';

/** Takes the body of a partial update as it is, digit for digit. */
@Injectable()
export class MergeSettingsPipe implements PipeTransform<Buffer | undefined, SettingsChange> {
  constructor(private readonly environment: Environment) {}

  transform(body: Buffer | undefined): SettingsChange {
    const { text, value } = readJson(body);
    if (!isJsonObject(value)) throw new InvalidInputError('the body must be an object');
    requireStorable(text, this.environment);
    return { kind: 'merge', patch: text };
  }
}
