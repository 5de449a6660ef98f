import { Injectable, type PipeTransform } from '@nestjs/common';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { isObjectText, memberText, readJsonText } from '../common/json/json-text.js';
import { Environment } from '../config/environment.js';
import type { Content } from './content.js';
import { replacementOf } from './read-change.js';
import type { SettingsChange } from './settings-change.js';

/** Takes the text of the new document out of the body of a full replacement, digit for digit. */
@Injectable()
export class ReplaceSettingsPipe implements PipeTransform<Buffer | undefined, SettingsChange> {
  protected readonly content: Content = 'settings';

  constructor(private readonly environment: Environment) {}

  transform(body: Buffer | undefined): SettingsChange {
    const { content } = this;
    const text = readJsonText(body);
    if (!isObjectText(text)) throw new InvalidInputError(`the body must be an object with the member ${content}`);
    const document = memberText(text, content);
    if (document === undefined) throw new InvalidInputError(`${content} is required`);
    return replacementOf(document, content, this.environment);
  }
}

/** The same for a policy. */
@Injectable()
export class ReplacePolicyPipe extends ReplaceSettingsPipe {
  protected override readonly content = 'policy';
}
