import type { Call } from './call.js';
import { perform, type ResolvedOptions } from './perform.js';

interface VersionList {
  versions: { requestId: string | null }[];
}

/**
 * Asks the history whether the change from this version to the next was made by this call.
 *
 * @param organization the header that names it, for a service account
 * @returns a reply as the service gives it, as far as that is known; `undefined` when it was somebody else's change
 * @throws FlashbackError when the history does not tell
 */
export async function recall(
  versionsUrl: string,
  ifVersion: number,
  { headers: { 'x-request-id': requestId } }: Call,
  organization: Record<string, string>,
  options: ResolvedOptions,
  signal: AbortSignal,
): Promise<unknown> {
  const url = `${versionsUrl}?limit=1&before=${ifVersion + 2}`;
  const call: Call = { ...READ, headers: { ...READ.headers, ...organization }, name: `GET ${url}`, url };
  const { versions } = (await perform(call, options, Infinity, signal)) as VersionList;
  const isOurs = versions.some((made) => made.requestId === requestId);
  return isOurs ? { success: true, message: 'Applied; the first reply was lost', version: ifVersion + 1 } : undefined;
}

const READ = {
  method: 'GET',
  headers: { accept: 'application/json' },
  body: undefined,
  withVersion: false,
  isRepeatable: true,
  isConditional: false,
} as const;
