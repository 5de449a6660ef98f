import type { FlashbackClient } from './client.js';
import { followStream, type StreamEvent } from './event-stream.js';
import { type KnownKey, LiveDocument, type UnknownKey, type UnknownValue, type ValueAt } from './live-document.js';
import { backoffMs, mayPass } from './retry.js';
import type { AnySettings, ReadSettings } from './settings-types.js';
import type { SettingsResource } from './settings.js';
import { pause } from './within.js';

export {
  type FollowedDocument,
  type FollowedVersion,
  followVersions,
  type VersionListener,
} from './followed-versions.js';
export { LiveDocument } from './live-document.js';

export interface LiveOptions {
  /** Ends the copy: it stays as it is then. */
  signal?: AbortSignal;
}

/** A client, as far as it says what the settings of an organization and a user are. */
type ClientOf<Organization extends object, User extends object = AnySettings> = FlashbackClient & {
  readonly settings: { readonly organization: SettingsResource<Organization>; readonly user: SettingsResource<User> };
};

/** The service sends something every 15 s; who hears nothing for longer cannot say that the copy is current. */
const HEARD_MS = 20_000;

const MAX_BACKOFF_MS = 30_000;

/** How many documents are asked for at a time, and how long more are gathered for one request, in milliseconds. */
const BATCH = 100;
const GATHER_MS = 10;

/** How many organizations a page of the list has. */
const PAGE = 1_000;

/** How often it is looked which organizations were deleted, and how far back. A change is seen up to 12 s late. */
const DELETED_MS = 60_000;
const OVERLAP_MS = 15_000;

type Listener<Change> = { change: (change: Change) => void; error: (error: unknown) => void };

/** A copy that is kept current. */
class LiveCopy<Change> {
  readonly #listeners: { [Name in keyof Listener<Change>]: Set<Listener<Change>[Name]> } = {
    change: new Set(),
    error: new Set(),
  };
  readonly #controller = new AbortController();
  #currentAt = performance.now();
  #isConnected = false;
  #heardAt = 0;

  /** For how long the copy may not be current, in milliseconds: 0 while it follows the service. */
  get staleForMs(): number {
    const now = performance.now();
    const isFollowing = this.#isConnected && !this.signal.aborted && now - this.#heardAt < HEARD_MS;
    const isCurrent = isFollowing && this.isComplete;
    return isCurrent ? 0 : now - this.#currentAt;
  }

  /**
   * `change` is called after the copy changed; `error` once, when it cannot be kept current any more, because the right
   * to read has gone.
   *
   * @returns takes the listener back
   */
  on<Name extends keyof Listener<Change>>(name: Name, listener: Listener<Change>[Name]): () => void {
    this.#listeners[name].add(listener);
    return () => void this.#listeners[name].delete(listener);
  }

  /** Ends the connection; the copy stays as it is. */
  close(): void {
    this.#controller.abort();
  }

  protected get isComplete(): boolean {
    return true;
  }

  protected get signal(): AbortSignal {
    return this.#controller.signal;
  }

  protected changed(change: Change): void {
    for (const listener of this.#listeners.change) listener(change);
  }

  /** Notes that the copy may be current now. */
  protected touch(): void {
    if (this.#isConnected && this.isComplete) this.#currentAt = performance.now();
  }

  /** Resolves when the copy is whole for the first time. @throws what cannot be cured */
  protected run(
    client: FlashbackClient,
    { signal }: LiveOptions,
    onEvent: (event: StreamEvent) => void,
    ready: Promise<unknown>,
    tasks: readonly Promise<unknown>[] = [],
  ): Promise<void> {
    const end = () => this.close();
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
    const onConnection = (isConnected: boolean) => {
      this.#isConnected = isConnected;
      this.#heardAt = performance.now();
      this.touch();
    };
    const running = Promise.all([followStream(client, { onEvent, onConnection }, this.signal), ...tasks]);
    let isReady = false;
    const failed = new Promise<never>((_, reject) => {
      running.catch((error: Error) => {
        reject(error);
        this.close();
        if (isReady) for (const listener of this.#listeners.error) listener(error);
      });
      this.signal.addEventListener('abort', () => {
        signal?.removeEventListener('abort', end);
        if (!isReady) reject(signal?.reason instanceof Error ? signal.reason : new Error('The copy was closed'));
      });
    });
    failed.catch(() => undefined);
    return Promise.race([ready, failed]).then(() => {
      isReady = true;
    });
  }

  /** Repeats what may pass until it succeeds. @throws what cannot be cured */
  protected async insist<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let failures = 0; ; failures++) {
      try {
        return await work();
      } catch (error) {
        if (this.signal.aborted || !mayPass(error)) throw error;
        const { retryAfterMs = 0 } = error as { retryAfterMs?: number };
        await pause(retryAfterMs + backoffMs(failures, MAX_BACKOFF_MS), this.signal);
        this.signal.throwIfAborted();
      }
    }
  }
}

type OwnDocument = 'user' | 'organization';

/** What of the own documents changed. */
export interface LiveChange {
  readonly document: OwnDocument;
  readonly version: number;
}

/** Stands for every document that is not there yet. */
const EMPTY: object = new LiveDocument({}, 0);

/** The caller's own settings and those of their organization, as they are now. */
export class LiveSettings<
  Organization extends object = AnySettings,
  User extends object = AnySettings,
> extends LiveCopy<LiveChange> {
  /** The caller's own; empty for a service account. */
  user = EMPTY as LiveDocument<ReadSettings<User>>;
  /** Those of the organization; empty where there is none. */
  organization = EMPTY as LiveDocument<ReadSettings<Organization>>;
  readonly #wanted = new Map<OwnDocument, string>();
  readonly #client: FlashbackClient;
  #organizationId: unknown;

  private constructor(client: FlashbackClient) {
    super();
    this.#client = client;
  }

  static async open<Organization extends object, User extends object>(
    client: ClientOf<Organization, User>,
    options: LiveOptions = {},
  ): Promise<LiveSettings<Organization, User>> {
    const live = new LiveSettings<Organization, User>(client);
    let ready = () => undefined as void;
    let fail: (error: unknown) => void = () => undefined;
    const isReady = new Promise<void>((resolve) => (ready = resolve));
    const failure = new Promise<never>((_, reject) => (fail = reject));
    const onEvent = ({ event, data }: StreamEvent) => {
      live.#note(event, data);
      live.#load().then(ready, fail);
    };
    await live.run(client, options, onEvent, isReady, [failure]);
    return live;
  }

  protected override get isComplete(): boolean {
    return this.#wanted.size === 0;
  }

  #note(event: string, data: Record<string, unknown>): void {
    if (event === 'change') {
      const { document, version } = data;
      if (document === 'user-settings') this.#want('user', version);
      else if (document === 'organization-settings') this.#want('organization', version);
      return;
    }
    const { user, organization } = data as Record<OwnDocument, { id?: string; settings?: Told } & Told>;
    // The version of another organization says nothing about that of this one.
    if (organization?.id !== this.#organizationId)
      this.organization = EMPTY as LiveDocument<ReadSettings<Organization>>;
    this.#organizationId = organization?.id;
    if (user) this.#want('user', user.version);
    if (organization?.settings) this.#want('organization', organization.settings.version);
  }

  #want(document: OwnDocument, version: unknown): void {
    if (String(version) !== String(this[document].version) || this[document] === EMPTY) {
      this.#wanted.set(document, String(version));
    }
  }

  async #load(): Promise<void> {
    const signal = this.signal;
    await Promise.all(
      [...this.#wanted].map(async ([document, version]) => {
        const found = await this.insist(() => this.#client.settings[document].get({ signal }));
        // What was told meanwhile is loaded by another call.
        if (this.#wanted.get(document) === version) this.#wanted.delete(document);
        if (found.version < this[document].version) return;
        const isNew = this[document] === EMPTY || found.version > this[document].version;
        Object.assign(this, { [document]: new LiveDocument(found.settings, found.version) });
        if (isNew) this.changed({ document, version: found.version });
      }),
    );
    this.touch();
  }
}

interface Told {
  readonly version: string;
}

/**
 * A copy of the caller's settings that is kept current: reading it takes nanoseconds, and asks nobody.
 *
 * Resolves when the copy is there. While the service is away, the last copy is served; `staleForMs` says for how long.
 *
 * @throws FlashbackError when the caller may not read
 */
export function liveSettings<Organization extends object = AnySettings, User extends object = AnySettings>(
  client: ClientOf<Organization, User>,
  options?: LiveOptions,
): Promise<LiveSettings<Organization, User>> {
  return LiveSettings.open(client, options);
}

/** An organization whose settings changed; of a deleted one there are none any more. */
export interface LiveOrganizationChange<Organization extends object = AnySettings> {
  readonly organizationId: string;
  readonly document: LiveDocument<ReadSettings<Organization>> | undefined;
}

/** The settings of all organizations, as they are now; for a service account of all organizations. */
export class LiveOrganizations<Organization extends object = AnySettings> extends LiveCopy<
  LiveOrganizationChange<Organization>
> {
  readonly #documents = new Map<string, LiveDocument<ReadSettings<Organization>>>();
  readonly #wanted = new Set<string>();
  readonly #client: FlashbackClient;
  #isLoading = false;

  private constructor(client: FlashbackClient) {
    super();
    this.#client = client;
  }

  static async open<Organization extends object>(
    client: ClientOf<Organization>,
    options: LiveOptions = {},
  ): Promise<LiveOrganizations<Organization>> {
    const live = new LiveOrganizations<Organization>(client);
    let begin = () => undefined as void;
    const hasBegun = new Promise<void>((resolve) => (begin = resolve));
    let fail: (error: unknown) => void = () => undefined;
    const failure = new Promise<never>((_, reject) => (fail = reject));
    // First the stream, then the list: what changes meanwhile is told.
    const loaded = hasBegun.then(() => live.#loadAll());
    loaded
      .then(
        () => live.#lookForDeleted(),
        () => undefined,
      )
      .catch(fail);
    const onEvent = ({ event, data: { document, organizationId } }: StreamEvent) => {
      if (event === 'ready') begin();
      else if (document === 'organization-settings' || !live.#documents.has(String(organizationId))) {
        live.#want(String(organizationId), fail);
      }
    };
    await live.run(client, options, onEvent, loaded, [failure, loaded]);
    return live;
  }

  /** How many organizations there are. */
  get size(): number {
    return this.#documents.size;
  }

  /** The settings of one; `undefined` where there is no such organization. */
  organization(organizationId: string): LiveDocument<ReadSettings<Organization>> | undefined {
    return this.#documents.get(organizationId);
  }

  /** The value of a key in the settings of one. */
  get<Key extends string>(
    organizationId: string,
    key: KnownKey<ReadSettings<Organization>, Key>,
  ): ValueAt<ReadSettings<Organization>, Key> | undefined;
  get<Value = UnknownValue<ReadSettings<Organization>>>(
    organizationId: string,
    key: UnknownKey<Value>,
  ): Value | undefined;
  get(organizationId: string, key: string): unknown {
    return this.#documents.get(organizationId)?.get<unknown>(key);
  }

  entries(): IterableIterator<[string, LiveDocument<ReadSettings<Organization>>]> {
    return this.#documents.entries();
  }

  protected override get isComplete(): boolean {
    return this.#wanted.size === 0 && !this.#isLoading;
  }

  async #loadAll(): Promise<void> {
    for await (const { id } of this.#list()) this.#wanted.add(id);
    await this.#load();
  }

  async *#list(changedSince?: Date) {
    let after: string | undefined;
    do {
      const page = await this.insist(() =>
        this.#client.organizations.list({ limit: PAGE, after, changedSince, signal: this.signal }),
      );
      yield* page.organizations;
      after = page.organizations.length < PAGE ? undefined : page.organizations.at(-1)?.id;
    } while (after !== undefined);
  }

  async #lookForDeleted(): Promise<void> {
    for (let since = Date.now(); !this.signal.aborted;) {
      await pause(DELETED_MS, this.signal);
      if (this.signal.aborted) return;
      const now = Date.now();
      for await (const { id, deletedAt } of this.#list(new Date(since - OVERLAP_MS))) {
        if (deletedAt !== undefined) this.#remove(id);
      }
      since = now;
    }
  }

  #want(organizationId: string, fail: (error: unknown) => void): void {
    this.#wanted.add(organizationId);
    if (this.#isLoading) return;
    this.#isLoading = true;
    void pause(GATHER_MS, this.signal)
      .then(() => this.#load())
      .catch((error: unknown) => {
        if (!this.signal.aborted) fail(error);
      });
  }

  async #load(): Promise<void> {
    this.#isLoading = true;
    while (this.#wanted.size > 0) {
      const ids = [...this.#wanted].slice(0, BATCH);
      for (const id of ids) this.#wanted.delete(id);
      const wanted = ids.map((id) => {
        const version = this.#documents.get(id)?.version;
        return version === undefined ? { id } : { id, version };
      });
      const signal = this.signal;
      const { settings, notFound, more } = await this.insist(() => this.#client.settings.batch(wanted, { signal }));
      for (const id of more) this.#wanted.add(id);
      for (const id of notFound) this.#remove(id);
      for (const { organizationId, version, settings: document } of settings) {
        const known = this.#documents.get(organizationId)?.version ?? -1;
        if (Number(version) <= known) continue;
        const changed = new LiveDocument(document as ReadSettings<Organization>, Number(version));
        this.#documents.set(organizationId, changed);
        this.changed({ organizationId, document: changed });
      }
    }
    this.#isLoading = false;
    this.touch();
  }

  #remove(organizationId: string): void {
    if (this.#documents.delete(organizationId)) this.changed({ organizationId, document: undefined });
  }
}

/**
 * A copy of the settings of all organizations that is kept current; for a service account of all organizations with
 * the scopes `settings:read` and `organization:read`.
 *
 * Resolves when the copy is there. While the service is away, the last copy is served; `staleForMs` says for how long.
 *
 * @throws FlashbackError when the caller may not read
 */
export function liveOrganizations<Organization extends object = AnySettings>(
  client: ClientOf<Organization>,
  options?: LiveOptions,
): Promise<LiveOrganizations<Organization>> {
  return LiveOrganizations.open(client, options);
}

/** A new version of a document of some organization. */
export interface OrganizationVersion {
  readonly organizationId: string;
  readonly document: 'organization-settings' | 'organization-profile';
  readonly version: string;
}

/**
 * Each new version of the settings and profiles of all organizations, as it comes; for a service account of all
 * organizations. Several may be told as one, and after a break one may be told again. It ends when the signal is
 * aborted.
 *
 * @throws FlashbackError what cannot be cured
 */
export async function* watchOrganizations(
  client: FlashbackClient,
  { signal }: LiveOptions = {},
): AsyncGenerator<OrganizationVersion, void, undefined> {
  const controller = new AbortController();
  const end = () => controller.abort();
  signal?.addEventListener('abort', end);
  if (signal?.aborted) end();
  /** What was not taken yet: one version for each document. */
  const pending = new Map<string, OrganizationVersion>();
  let wake = () => undefined as void;
  let isOver = false;
  let failure: Error | undefined;
  const onEvent = ({ event, data }: StreamEvent) => {
    if (event !== 'change') return;
    const version = data as unknown as OrganizationVersion;
    pending.set(`${version.document} ${version.organizationId}`, version);
    wake();
  };
  void followStream(client, { onEvent, onConnection: () => undefined }, controller.signal)
    .catch((error: Error) => (failure = error))
    .finally(() => {
      isOver = true;
      wake();
    });
  try {
    for (;;) {
      for (const [key, version] of pending) {
        pending.delete(key);
        yield version;
      }
      if (pending.size > 0) continue;
      if (failure !== undefined) throw failure;
      if (isOver) return;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    controller.abort();
    signal?.removeEventListener('abort', end);
  }
}
