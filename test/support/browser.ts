import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, launch } from 'puppeteer-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** Where Chromium or Chrome is: what `CHROMIUM` names, or else the first of the usual names in the PATH. */
export const CHROMIUM = process.env['CHROMIUM'] || findChromium();

function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find((path) => existsSync(path));
}

/** How long something may take in a page, in milliseconds: machines that test are slow, and do other things besides. */
export const PATIENCE_MS = 40_000;

/** It asks for nothing by itself. */
const QUIETLY = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts it, without a window. */
export function aBrowser(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error('There is no Chromium: CHROMIUM names none, and the PATH has none');
  // Chromium's sandbox refuses to run as root.
  const isRoot = process.getuid?.() === 0;
  return launch({ executablePath: CHROMIUM, args: [...QUIETLY, ...(isRoot ? ['--no-sandbox'] : [])] });
}
