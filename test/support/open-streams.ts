import type { TestApp } from './app.js';

/** How many streams of changes the service keeps open, as its metrics say. */
export async function openStreams(app: TestApp): Promise<number> {
  const { text } = await app.request('GET', '/metrics');
  return Number(/^settings_watchers\{kind="stream"\} (\d+)$/m.exec(text)?.[1]);
}
