import type { CallOptions, MakeRequest } from './call.js';
import type { Schema } from './schema.js';

export type SystemEvent = Schema<'SystemEventDto'>;
export type QuerySystemEventsRequest = Schema<'QueryEventsDto'>;
export type QuerySystemEventsResponse = Schema<'QueryEventsResponseDto'>;
export type MarkSystemEventsResponse = Schema<'MarkEventsResponseDto', { success: true }>;
/** What `FlashbackError.body` holds after a refusal under `/systemevent`. */
export type SystemEventErrorResponse = Schema<'SettingsErrorDto', { success: false }>;

/** What happened: to the organization for administrators and owners, for others what they did themselves. */
export class SystemEventsResource {
  readonly #request: MakeRequest;

  constructor(request: MakeRequest) {
    this.#request = request;
  }

  /** Newest first; those of the last 24 hours unless the request has a limit of time. */
  query(request: QuerySystemEventsRequest, options?: CallOptions): Promise<QuerySystemEventsResponse> {
    return this.#request('systemevent', 'POST', request, { ...options, isRepeatable: true });
  }

  /** Marks 1 to 1000 events as read, for the caller alone: all of them or, when one is `not_found`, none. */
  markRead(ids: readonly number[], options?: CallOptions): Promise<MarkSystemEventsResponse> {
    return this.#request('systemevent/read', 'POST', { ids }, { ...options, isRepeatable: true });
  }

  /** Takes that back. */
  markUnread(ids: readonly number[], options?: CallOptions): Promise<MarkSystemEventsResponse> {
    return this.#request('systemevent/read', 'DELETE', { ids }, { ...options, isRepeatable: true });
  }
}
