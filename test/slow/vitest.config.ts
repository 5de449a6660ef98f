import { defineConfig } from 'vitest/config';
import config from '../../vitest.config.js';

/** What has to wait for a minute and more. */
export default defineConfig({
  test: { ...config.test, include: ['test/slow/*.slow.ts'], testTimeout: 240_000 },
});
