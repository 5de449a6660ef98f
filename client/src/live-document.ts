/** A settings document that is read again and again. */
export class LiveDocument<T extends object = Record<string, unknown>> {
  /** What was looked for before. Looking for it again is a look into a map. */
  readonly #found = new Map<string, unknown>();

  constructor(
    /** The whole document. It is shared: do not change it. */
    readonly settings: T,
    readonly version: number,
  ) {}

  /**
   * The value of a key, or `undefined`: the exact name of a top-level setting or, where there is none of that name, a
   * path with dots between its segments; `\.` is a dot within a name and `\\` a backslash. As `delete` reads its keys.
   */
  get<Value = unknown>(key: string): Value | undefined {
    const known = this.#found.get(key);
    if (known !== undefined || this.#found.has(key)) return known as Value | undefined;
    const value = find(this.settings, key);
    // Keys that callers make up would fill the memory.
    if (this.#found.size < MAX_FOUND) this.#found.set(key, value);
    return value as Value | undefined;
  }
}

const MAX_FOUND = 1_000;

function find(settings: object, key: string): unknown {
  if (Object.hasOwn(settings, key)) return (settings as Record<string, unknown>)[key];
  let value: unknown = settings;
  for (const [, segment = ''] of `${key}.`.matchAll(/((?:\\[.\\]|[^.])*)\./gs)) {
    const name = segment.replace(/\\([.\\])/g, '$1');
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) {
      return undefined;
    }
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
