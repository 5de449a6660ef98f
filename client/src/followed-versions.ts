import type { FlashbackClient } from './client.js';
import { followStream, type StreamEvent } from './event-stream.js';

/** A document of which a user's stream tells. */
export type FollowedDocument =
  | 'user-settings'
  | 'organization-settings'
  | 'organization-profile'
  | 'organization-policy'
  | 'system-settings'
  | 'system-policy';

export interface FollowedVersion {
  readonly document: FollowedDocument;
  readonly version: number;
  /** Whose it is, of documents of an organization: the caller may be moved to another one while this goes on. */
  readonly organizationId?: string;
}

export interface VersionListener {
  /** Called with the versions that there are on each connection, and with each new one. */
  onVersions(versions: readonly FollowedVersion[]): void;
  /** Called with `true` after the first versions and whenever something comes then, with `false` when it has ended. */
  onConnection?(isConnected: boolean): void;
}

/**
 * Tells of each new version of the caller's documents, without reading any; for a user. Resolves when the signal is
 * aborted.
 *
 * @throws FlashbackError when the caller may not watch
 */
export function followVersions(client: FlashbackClient, listener: VersionListener, signal: AbortSignal): Promise<void> {
  return followStream(
    client,
    {
      onEvent: (event) => listener.onVersions(versionsIn(event)),
      onConnection: (isConnected) => listener.onConnection?.(isConnected),
    },
    signal,
  );
}

function versionsIn({ event, data }: StreamEvent): FollowedVersion[] {
  if (event === 'change') {
    const { document, version, organizationId } = data as unknown as Change;
    return [followed(document, version, organizationId)];
  }
  const { user, organization, system } = data as Ready;
  const told: [FollowedDocument, Told | undefined, string | undefined][] = [
    ['user-settings', user, undefined],
    ['organization-settings', organization?.settings, organization?.id],
    ['organization-profile', organization?.profile, organization?.id],
    ['organization-policy', organization?.policy, organization?.id],
    ['system-settings', system?.settings, undefined],
    ['system-policy', system?.policy, undefined],
  ];
  return told.flatMap(([document, of, organizationId]) =>
    of === undefined ? [] : [followed(document, of.version, organizationId)],
  );
}

function followed(document: FollowedDocument, version: string, organizationId: string | undefined): FollowedVersion {
  return { document, version: Number(version), ...(organizationId !== undefined && { organizationId }) };
}

interface Change extends Told {
  readonly document: FollowedDocument;
  readonly organizationId?: string;
}

interface Told {
  readonly version: string;
}

interface Ready {
  readonly user?: Told;
  readonly organization?: {
    readonly id: string;
    readonly settings?: Told;
    readonly profile?: Told;
    readonly policy?: Told;
  };
  readonly system?: { readonly settings?: Told; readonly policy?: Told };
}
