import { Injectable } from '@nestjs/common';

/** The documents whose versions can be watched. */
export const WATCHED_DOCUMENTS = [
  'organization-settings',
  'organization-profile',
  'user-settings',
  'organization-policy',
  'system-settings',
  'system-policy',
] as const;

export type WatchedDocument = (typeof WATCHED_DOCUMENTS)[number];

/** A version of a document, by the id of the organization or user whose it is; `SYSTEM_ID` is the system. */
export interface DocumentVersion {
  readonly document: WatchedDocument;
  readonly ownerId: string;
  /** Digits. */
  readonly version: string;
}

/** Tells within this process which versions it made, each after its commit. */
@Injectable()
export class ChangeFeed {
  private readonly listeners: ((made: DocumentVersion) => void)[] = [];

  /** @param listener must not throw, and must not take long: the reply to the change waits for it */
  subscribe(listener: (made: DocumentVersion) => void): void {
    this.listeners.push(listener);
  }

  publish(made: DocumentVersion): void {
    for (const listener of this.listeners) listener(made);
  }
}
