import { Injectable } from '@nestjs/common';
import { Preconditions } from '../common/concurrency/preconditions.js';
import { isArrayText, readJsonText } from '../common/json/json-text.js';
import { Environment } from '../config/environment.js';
import { type OperatorOrigin, UNNAMED_OPERATOR } from '../history/change-origin.js';
import { jsonPatchOf, mergePatchOf, replacementOf } from '../settings/read-change.js';
import type { SettingsChange } from '../settings/settings-change.js';
import { SettingsService } from '../settings/settings.service.js';

/** What a document of the system holds. */
type Content = 'settings' | 'policy';

/** What an operator does with the settings and the policy of the system from the command line. */
@Injectable()
export class SystemSettingsService {
  constructor(
    private readonly settings: SettingsService,
    private readonly environment: Environment,
  ) {}

  /** JSON text, so that it has every digit. */
  async get(content: Content): Promise<string> {
    const operator = { kind: 'operator', name: null, since: performance.now() } as const;
    const { version, settings } = await this.settings.read(`system-${content}`, operator, Preconditions.NONE);
    return `{"version":${version},"${content}":${settings}}`;
  }

  /**
   * Puts a new document in the place of the old one.
   *
   * @throws InvalidInputError
   * @throws PayloadTooLargeError
   */
  set(content: Content, text: string, origin = UNNAMED_OPERATOR): Promise<object> {
    return this.change(content, replacementOf(readJsonText(Buffer.from(text)), content, this.environment), origin);
  }

  /**
   * @param text a JSON Merge Patch (RFC 7396), or an array, which is a JSON Patch (RFC 6902)
   * @throws InvalidInputError
   * @throws PatchConflictError
   * @throws PayloadTooLargeError
   */
  patch(content: Content, text: string, origin = UNNAMED_OPERATOR): Promise<object> {
    const json = readJsonText(Buffer.from(text));
    const read = isArrayText(json) ? jsonPatchOf : mergePatchOf;
    return this.change(content, read(json, content, this.environment), origin);
  }

  private async change(
    content: Content,
    change: SettingsChange,
    { operator, reason }: OperatorOrigin,
  ): Promise<{ version: number }> {
    const caller = { kind: 'operator', name: operator, since: performance.now() } as const;
    const { version } = await this.settings.change(`system-${content}`, caller, change, {
      preconditions: Preconditions.NONE,
      origin: { requestId: null, reason },
      isDryRun: false,
    });
    return { version: Number(version) };
  }
}
