// Puts the built service and the packages that it uses into few files, so that it starts in half of the time
// (docs/adr/0015-one-file-to-start-from.md); and the program of its threads beside it. The arguments name another entry
// point and another folder.
import { cpSync } from 'node:fs';
import { rolldown } from 'rolldown';

const [input, dir = 'dist/service'] = process.argv.slice(2);
const inputs = input === undefined ? ['dist/src/main.js', 'dist/src/layers/policy-worker.js'] : [input];

/**
 * What stays in node_modules: packages that find files of their own beside themselves, `pg`, so that what watches it
 * finds it there, and a platform of Nest's that is never loaded.
 */
const OUTSIDE = /^(@electric-sql\/pglite|fs-native-extensions|swagger-ui-dist|pg|@nestjs\/platform-express)(\/|$)/;

/** Nest looks for packages that need not be there, and goes on without them; so the build does, too. */
const optional = {
  name: 'optional-packages',
  resolveId: {
    order: 'pre',
    filter: { id: /^[@a-z]/ },
    async handler(id, importer, options) {
      if (importer === undefined) return null;
      const found = await this.resolve(id, importer, { ...options, skipSelf: true });
      return found ?? { id, external: true };
    },
  },
};

/**
 * TypeORM's integration loads all of TypeORM a second time, past the bundle, for two exports that TypeORM 1 no longer
 * has.
 */
const typeormOnce = {
  name: 'typeorm-once',
  load: {
    filter: { id: /@nestjs\/typeorm\/dist\/common\/typeorm-compat\.js$/ },
    handler: () => 'export const Connection = undefined;\nexport const AbstractRepository = undefined;\n',
  },
};

for (const entry of inputs) {
  const bundle = await rolldown({
    input: entry,
    platform: 'node',
    // Nothing is left out. Tree shaking and the minifier's default ("dce-only") each drop a call of a built-in function
    // whose result nobody uses, such as one that is there for its exception.
    treeshake: false,
    external: OUTSIDE,
    plugins: [optional, typeormOnce],
    onLog(level, log) {
      if (level === 'warn') throw new Error(log.message);
    },
  });
  await bundle.write({
    dir,
    format: 'esm',
    minify: false,
    chunkFileNames: '[name]-[hash].js',
    // Dependency injection and error messages go by the names of classes.
    keepNames: true,
    // Decorators need `reflect-metadata` before anything else.
    strictExecutionOrder: true,
  });
}

// What the bundle reads from beside itself.
cpSync('dist/src/database/functions', `${dir}/functions`, { recursive: true });
