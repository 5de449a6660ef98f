export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface CallOptions {
  /** Ends the call at once, also while it waits for its next attempt. */
  signal?: AbortSignal;
  /** The time of this call instead of the client's. */
  timeoutMs?: number;
}

export type MakeRequest = <T>(path: string, method: Method, body?: unknown, options?: CallOptions) => Promise<T>;

/** What a call sends, in one attempt or in several. */
export interface Call {
  /** What it does, for messages. */
  readonly name: string;
  readonly method: Method;
  readonly url: string;
  /** The JSON text to send. */
  readonly body: string | undefined;
  /** Whether doing it twice is as good as doing it once. */
  readonly isRepeatable: boolean;
}
