import { FlashbackError } from '@flashback/client/lossless';
import type { VersionedDocument } from '../document/versioned-document.js';
import type { JsonObject } from '../json/value.js';

/** The document before and after one of its changes. `before` is absent where that version is not kept any longer. */
export async function changeOf(
  document: VersionedDocument,
  version: number,
): Promise<{ before: JsonObject | undefined; after: JsonObject }> {
  const [before, after] = await Promise.all([
    document.version(version - 1).catch((error: unknown) => {
      if (error instanceof FlashbackError && error.code === 'not_found') return undefined;
      throw error;
    }),
    document.version(version),
  ]);
  return { before, after };
}
