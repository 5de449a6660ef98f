import { access, cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject, vi } from 'vitest';
import { aFolder, ServiceProcess } from './process.js';

/** How long a first start of an embedded database may take, in milliseconds. */
const PATIENCE_MS = 120_000;

/** Puts the data of a first start there. It is made once for all tests of a run: a copy takes a tenth of the time. */
export async function fillWithData(folder: string, name = '.data'): Promise<void> {
  const origin = inject('embeddedData');
  const made = join(origin, 'made');
  const isFirst = await mkdir(join(origin, 'making')).then(
    () => true,
    () => false,
  );
  if (isFirst) {
    await (await ServiceProcess.start(origin)).kill('SIGTERM');
    await writeFile(made, '');
  }
  await vi.waitUntil(
    () =>
      access(made).then(
        () => true,
        () => false,
      ),
    { timeout: PATIENCE_MS, interval: 100 },
  );
  await cp(join(origin, '.data'), join(folder, name), { recursive: true });
}

/** A folder of its own with such data. */
export async function aFolderWithData(): Promise<Awaited<ReturnType<typeof aFolder>>> {
  const folder = await aFolder();
  await fillWithData(folder.path);
  return folder;
}
