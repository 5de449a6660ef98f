import { FlashbackError, type Impact } from '@flashback/client/lossless';
import { patchRequestOf } from '../json/difference.js';
import type { JsonObject } from '../json/value.js';
import { client } from '../session/session.js';

/** Asks by a dry run. @returns `undefined` where the service does not tell */
export async function impactOf(path: string, from: JsonObject, to: JsonObject): Promise<Impact | undefined> {
  const { patch, mediaType } = patchRequestOf(from, to);
  try {
    const options = { mediaType, isRepeatable: true };
    const reply = await client.makeRequest<{ impact?: Impact }>(
      `${path}?dryRun=true&impact=true`,
      'PATCH',
      patch,
      options,
    );
    return reply.impact;
  } catch (error) {
    // A service without it does not know the parameter; all other refusals come again when it is saved.
    if (error instanceof FlashbackError && error.status !== undefined) return undefined;
    throw error;
  }
}
