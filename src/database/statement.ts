/** A parameter of a statement. `null` is SQL NULL; an array is a PostgreSQL array. */
export type Value = string | number | boolean | null | readonly (string | number | boolean | null)[];

/** A statement that each connection prepares once, under its name, unless the environment says otherwise. */
export interface Statement<Name extends string = string> {
  readonly name: string;
  /**
   * The names of its parameters, in the order of `$1`, `$2`, … The owner is `organizationId`, else `userId`; the caller
   * is `callerId`, else `userId`. `maxWaitMs` is how long it may wait for each lock, in milliseconds, as the runner
   * says; where no parameter of its function says so, `set_config` in a condition that names no row, which PostgreSQL
   * evaluates before all else.
   */
  readonly parameters: readonly Name[];
  /** To be read, and pasted into psql, as it stands. */
  readonly text: string;
}

/** A statement with a second text that serves many calls at once. */
export interface BatchedStatement<Name extends string = string> extends Statement<Name> {
  /** Those parameters that are the same in all calls. */
  readonly constants?: readonly NoInfer<Name>[];
  /**
   * What the parameters are instead for a single call: without the limits of a shared execution. Only where a row may
   * have the status `heavy`.
   */
  readonly singleParameters?: { readonly [Parameter in NoInfer<Name>]?: Value };
  /**
   * The same for many calls: each parameter except the constants is an array with one element for each call. A call
   * whose statement returns a row has that row here, with the call's `ordinal`, from 1 on. A row with the `status`
   * `heavy` says that its call takes long and must be executed singly.
   */
  readonly batchedText: string;
}

/**
 * A batched statement that locks a row of its owner. At first it hardly waits for a lock, because others may share its
 * execution; a row with the `status` `locked` says that another transaction has the row, or that there is none yet, and
 * that its call is to be executed singly, and wait.
 */
export interface LockingStatement<Name extends string = string> extends BatchedStatement<Name | 'maxWaitMs'> {
  /** What the parameters are instead for a single call, which waits. */
  readonly singleParameters: NonNullable<BatchedStatement<Name | 'maxWaitMs'>['singleParameters']>;
}

/** What a batched statement returns, where it says how it went. */
export interface StatusRow {
  readonly status?: string;
}

/** A statement's parameters but `maxWaitMs`, by name, and since when the request waits that it is executed for. */
export type CallOf<S extends Statement> = Record<Exclude<S['parameters'][number], 'maxWaitMs'>, Value> & {
  /**
   * When the request came to wait, on the clock of `performance.now()`: whatever its statements wait for, they wait
   * `MAX_WAIT_MS` in all.
   */
  readonly since: number;
};

/** Keeps the names of a statement's parameters as literal types. */
export function statement<const Name extends string>(definition: Statement<Name>): Statement<Name> {
  return definition;
}

/** The same for a statement with a batched text. */
export function batchedStatement<const Name extends string>(
  definition: BatchedStatement<Name>,
): BatchedStatement<Name> {
  return definition;
}

/** The same for one that locks. */
export function lockingStatement<const Name extends string>(
  definition: LockingStatement<Name>,
): LockingStatement<Name> {
  return definition;
}

/** Text that PostgreSQL reads as an array, for arrays among the elements of another. */
export function arrayLiteral(elements: readonly string[]): string;
export function arrayLiteral(elements: readonly string[] | null): string | null;
export function arrayLiteral(elements: readonly string[] | null): string | null {
  return elements && `{${elements.map((element) => `"${element.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
