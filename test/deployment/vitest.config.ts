import { defineConfig } from 'vitest/config';

/** Three instances behind HAProxy and PgBouncer, on servers of their own; takes two minutes. */
export default defineConfig({
  test: {
    include: ['test/deployment/*.deployment.ts'],
    setupFiles: ['reflect-metadata', 'test/contract/setup.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
});
