import { defineConfig } from 'vitest/config';
import config from '../../vitest.config.js';

/** The tests that ask the service over HTTP, with PgBouncer between it and the server. */
export default defineConfig({
  test: {
    ...config.test,
    include: ['e2e', 'contract', 'database', 'pgbouncer'].map((folder) => `test/${folder}/**/*.e2e-spec.ts`),
    globalSetup: ['test/support/global-setup.ts', 'test/pgbouncer/global-setup.ts'],
  },
});
