import { defineConfig } from 'vitest/config';
import { HAS_SERVER } from './test/support/postgres-programs.js';

/** What looks at one module, and what the built service does on its embedded database. */
const ANYWHERE = ['{src,test,client/test,console/src}/**/*.spec.ts', 'test/embedded/**/*.e2e-spec.ts'];

const ON_A_SERVER = ['{test,client/test}/**/*.e2e-spec.ts'];

export default defineConfig({
  test: {
    include: HAS_SERVER ? [...ANYWHERE, ...ON_A_SERVER] : ANYWHERE,
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['reflect-metadata', 'test/tenants/setup.ts', 'test/contract/setup.ts'],
    pool: 'forks',
    // More than the gate has cores: tests wait much of their time for processes that start.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
