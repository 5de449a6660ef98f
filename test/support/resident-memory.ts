import type { TestApp } from './app.js';

/** What the service holds in memory (resident set), in bytes, as its metrics say. */
export async function residentMemory(app: TestApp): Promise<number> {
  const { text } = await app.request('GET', '/metrics');
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]);
}
