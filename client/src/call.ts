export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface CallOptions {
  /** Ends the call at once, also while it waits for its next attempt. */
  signal?: AbortSignal;
  /** The time of this call instead of the client's. */
  timeoutMs?: number;
}

/** How a change is to be made. */
export interface ChangeOptions extends CallOptions {
  /**
   * Makes the change only in this version (0: before the first change), and lets it be repeated after any passing
   * failure. Given as `undefined`, as where a reply told no version, it is a `TypeError`: the change would be made
   * in any version.
   */
  ifVersion?: number | undefined;
  /** Why, for those who read the history: one line of at most 500 characters. */
  reason?: string;
}

/** What `makeRequest` can do beside what every method can. */
export interface RequestOptions extends ChangeOptions {
  /** The body's media type instead of `application/json`. */
  mediaType?: string;
  /** Resolves to `undefined`, without a body, if this is the current version; for GET. */
  ifNotVersion?: number;
  /** The organization that a service account acts on in this request, instead of the client's. */
  organizationId?: string;
  /** Resolves to `undefined`, without a body, if this is the current entity tag; for GET. */
  ifNoneMatch?: string | undefined;
  /** Adds to the reply's body the members `version`, from its `ETag`, and `warning`, from its `Settings-Warning`. */
  withVersion?: boolean;
  /** Adds to the reply's body the member `next`, where its `Link` leads to another page. */
  withNext?: boolean;
  /** Adds to the reply's body the member `tag`, its `ETag`. */
  withTag?: boolean;
  /** How much longer than usual the reply may take, because it waits for something new. */
  waitMs?: number;
  /** Whether doing it twice is as good as doing it once; by default of GET, HEAD and what has an `ifVersion`. */
  isRepeatable?: boolean;
  /**
   * The path of the list of versions of what is changed. There a repeated change with an `ifVersion` finds out whether
   * an earlier attempt, whose reply was lost, had been applied.
   */
  versionsPath?: string;
}

export type MakeRequest = <T>(path: string, method: Method, body?: unknown, options?: RequestOptions) => Promise<T>;

/** What a call sends, in one attempt or in several, and what of the reply it wants. */
export interface Call extends Readonly<
  Pick<RequestOptions, 'withVersion' | 'withNext' | 'withTag' | 'waitMs' | 'timeoutMs'>
> {
  /** What it does, for messages. */
  readonly name: string;
  readonly method: Method;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON text to send. */
  readonly body: string | undefined;
  /** Whether doing it twice is as good as doing it once, or the second time is refused. */
  readonly isRepeatable: boolean;
  /** Whether the second time is refused. */
  readonly isConditional: boolean;
  /**
   * What it resolves to if one of its attempts was applied, `undefined` if none was; absent where that is not known.
   */
  readonly recall?: ((signal: AbortSignal) => Promise<unknown>) | undefined;
}

/** What the calls of the client itself have in common. */
export const READ = { method: 'GET', body: undefined, isRepeatable: true, isConditional: false } as const;
