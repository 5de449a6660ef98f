import type { MakeRequest } from './call.js';
import type {
  EffectiveView,
  ExplainedSettingsResponse,
  GetEffectiveSettingsIfChangedOptions,
  GetEffectiveSettingsOptions,
  GetEffectiveSettingsResponse,
  WatchEffectiveSettingsOptions,
} from './effective-settings-types.js';
import type { IfChanged } from './schema.js';
import { VersionedDocument } from './versioned-document.js';
import type { AnySettings, ReadSettings } from './settings-types.js';
import { timeText } from './with-query.js';

interface Explained {
  explain: true;
}

/** The settings that apply: to the caller, to a member, or to an organization. */
export class EffectiveSettingsResource<Settings extends object = AnySettings> {
  readonly #document: VersionedDocument;

  constructor(request: MakeRequest) {
    this.#document = new VersionedDocument(request, 'settings/effective');
  }

  /** With `explain` also why. With `at` those that applied then, `not_found` if that is not kept. */
  get<T extends object = ReadSettings<Settings>>(
    options: GetEffectiveSettingsOptions & Explained,
  ): Promise<ExplainedSettingsResponse<T>>;
  get<T extends object = ReadSettings<Settings>>(
    options?: GetEffectiveSettingsOptions,
  ): Promise<GetEffectiveSettingsResponse<T>>;
  get({ at, ...options }: GetEffectiveSettingsOptions = {}): Promise<GetEffectiveSettingsResponse> {
    return this.#document.read('', { at: timeText(at), ...viewOf(options) }, { ...options, withTag: true });
  }

  /** The settings if any document that takes part is another than in `tag`; else only that nothing has changed. */
  getIfChanged<T extends object = ReadSettings<Settings>>(
    tag: string,
    options: GetEffectiveSettingsIfChangedOptions & Explained,
  ): Promise<IfChanged<ExplainedSettingsResponse<T>>>;
  getIfChanged<T extends object = ReadSettings<Settings>>(
    tag: string,
    options?: GetEffectiveSettingsIfChangedOptions,
  ): Promise<IfChanged<GetEffectiveSettingsResponse<T>>>;
  getIfChanged(
    tag: string,
    options: GetEffectiveSettingsIfChangedOptions = {},
  ): Promise<IfChanged<GetEffectiveSettingsResponse>> {
    return this.#document.readIfChanged(viewOf(options), { ...options, ifNoneMatch: tag, withTag: true });
  }

  /** The settings now, and again whenever a document that takes part changes; as with other settings. */
  watch<T extends object = ReadSettings<Settings>>(
    options: WatchEffectiveSettingsOptions & Explained,
  ): AsyncGenerator<ExplainedSettingsResponse<T>, void, undefined>;
  watch<T extends object = ReadSettings<Settings>>(
    options?: WatchEffectiveSettingsOptions,
  ): AsyncGenerator<GetEffectiveSettingsResponse<T>, void, undefined>;
  watch(options: WatchEffectiveSettingsOptions = {}): AsyncGenerator<GetEffectiveSettingsResponse, void, undefined> {
    return this.#document.watch(options, viewOf(options));
  }
}

function viewOf({ scope, user, explain }: EffectiveView) {
  return { scope, user, explain };
}
