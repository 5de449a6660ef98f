import { FlashbackError } from '@flashback/client/lossless';
import { expect, it } from 'vitest';
import type { VersionedDocument } from '../document/versioned-document.js';
import { changeOf } from './change-of.js';

const aDocument = (failure: FlashbackError): Partial<VersionedDocument> => ({
  version: (version) => (version === 3 ? Promise.resolve({ a: 1 }) : Promise.reject(failure)),
});

it('knows no document before a change where that is not kept any longer', async () => {
  const document = aDocument(new FlashbackError('not_found', 'Version not found'));
  expect(await changeOf(document as VersionedDocument, 3)).toStrictEqual({ before: undefined, after: { a: 1 } });
});

it('does not take what fails for what is not kept', async () => {
  const document = aDocument(new FlashbackError('unreachable', 'No reply'));
  await expect(changeOf(document as VersionedDocument, 3)).rejects.toThrow('No reply');
});
