import { Injectable, type PipeTransform } from '@nestjs/common';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { findUnstorable, isJsonObject, readJson } from '../common/json/json-text.js';
import { Environment } from '../config/environment.js';

/** Takes the body of a partial update as it is, digit for digit. */
@Injectable()
export class MergeSettingsPipe implements PipeTransform<Buffer | undefined, string> {
  constructor(private readonly environment: Environment) {}

  transform(body: Buffer | undefined): string {
    const { text, value } = readJson(body);
    if (!isJsonObject(value)) throw new InvalidInputError('the body must be an object');
    const problem = findUnstorable(text, this.environment.SETTINGS_MAX_DEPTH);
    if (problem !== undefined) throw new InvalidInputError(problem);
    return text;
  }
}
