import { Injectable, type PipeTransform } from '@nestjs/common';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { isJsonObject, memberText, readJson } from '../common/json/json-text.js';
import { Environment } from '../config/environment.js';
import type { SettingsChange } from './settings-change.js';
import { requireStorable } from './storable.js';

/** Takes the text of `settings` out of the body of a full replacement, digit for digit. */
@Injectable()
export class ReplaceSettingsPipe implements PipeTransform<Buffer | undefined, SettingsChange> {
  constructor(private readonly environment: Environment) {}

  transform(body: Buffer | undefined): SettingsChange {
    const { text, value } = readJson(body);
    if (!isJsonObject(value)) throw new InvalidInputError('the body must be an object with the member settings');
    const settings = memberText(text, 'settings');
    if (settings === undefined) throw new InvalidInputError('settings is required');
    if (!isJsonObject(value['settings'])) throw new InvalidInputError('settings must be an object');
    requireStorable(settings, this.environment);
    return { kind: 'replace', settings };
  }
}
