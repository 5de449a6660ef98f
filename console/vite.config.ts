import { defineConfig } from 'vite';

/** Where a service runs that `npm run dev` passes requests on to. */
const SERVICE = 'http://127.0.0.1:3000';

export default defineConfig(({ command }) => ({
  // The page is served under any path, so its files are named from where it is.
  base: command === 'build' ? './' : '/console/',
  // Said here, because in a folder with a # in its name Vite does not find tsconfig.json.
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  server: {
    proxy: {
      '^/(settings|organization|organizations|user|mfa|systemevent)\\b': SERVICE,
      '/console/demo': SERVICE,
    },
  },
}));
