/** A member of an object; `undefined` of what has none, `unknown` of what is not known. */
type Member<T, Name extends string> = unknown extends T
  ? unknown
  : T extends object
    ? T extends readonly unknown[]
      ? undefined
      : Name extends keyof T
        ? T[Name]
        : unknown
    : undefined;
type AtPath<T, Path extends string> = Path extends `${infer Name}.${infer Rest}`
  ? AtPath<Member<T, Name>, Rest>
  : Member<T, Path>;

/** What a key leads to; `unknown` where the types do not say. */
export type ValueAt<T, Key extends string> = Key extends keyof T
  ? T[Key]
  : Key extends `${string}\\${string}`
    ? unknown
    : AtPath<T, Key>;

/** The key, if the types say what it leads to. */
export type KnownKey<T, Key extends string> = string extends Key
  ? never
  : unknown extends ValueAt<T, Key>
    ? never
    : Key;

/** What is read at a key of which the types say nothing: where they say what there is, the caller has to say it. */
export type UnknownValue<T> = string extends keyof T ? unknown : never;
/** Any key, if it is known what is read there. */
export type UnknownKey<Value> = [Value] extends [never] ? never : string;

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
  get<Key extends string>(key: KnownKey<T, Key>): ValueAt<T, Key> | undefined;
  get<Value = UnknownValue<T>>(key: UnknownKey<Value>): Value | undefined;
  get<Value>(key: string): Value | undefined {
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
