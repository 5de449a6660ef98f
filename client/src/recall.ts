import { type Call, READ } from './call.js';
import { perform, type ResolvedOptions } from './perform.js';

interface VersionList {
  versions: { requestId: string | null }[];
}

interface ProfileVersion {
  data: { profile: object };
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
  const read = <Reply>(rest: string): Promise<Reply> => {
    const url = versionsUrl + rest;
    const call: Call = {
      ...READ,
      timeoutMs: Infinity,
      headers: { accept: 'application/json', ...organization },
      name: `GET ${url}`,
      url,
    };
    return perform(call, options, signal) as Promise<Reply>;
  };
  const version = ifVersion + 1;
  const list = await read<VersionList | { data: VersionList }>(`?limit=1&before=${version + 1}`);
  const isOfProfile = 'data' in list;
  const { versions } = isOfProfile ? list.data : list;
  if (!versions.some((made) => made.requestId === requestId)) return undefined;
  const reply = { success: true, message: 'Applied; the first reply was lost', version };
  return isOfProfile ? { ...reply, data: (await read<ProfileVersion>(`/${version}`)).data.profile } : reply;
}
