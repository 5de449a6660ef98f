import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores(['**/dist', 'coverage', 'test/samples', 'client/src/openapi.ts', 'client/test/consumer/*.ts']),
  js.configs.recommended,
  {
    // Prettier breaks code, and no comments.
    rules: {
      'max-len': [
        'error',
        { code: 120, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true, ignoreUrls: true },
      ],
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['tsconfig.lint.json', 'client/tsconfig.json', 'console/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/explicit-member-accessibility': ['error', { accessibility: 'no-public' }],
      '@typescript-eslint/no-inferrable-types': 'off', // The types of the environment's defaults are read at run time.
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only src/config/environment.ts reads the environment.' },
      ],
    },
  },
  { files: ['src/config/environment.ts', 'test/**', 'client/test/**'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['test/**', 'client/test/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['@nestjs/core', '@nestjs/testing', '**/configure-app.js', '**/*.module.js', '**/main.js'],
              message: 'Tests start what was built, as a process of its own: TestApp, ServiceProcess.',
            },
          ],
        },
      ],
    },
  },
  {
    // A longer file of tests is about more than one thing.
    files: ['test/**/*.ts', '**/*.spec.ts', 'client/test/**'],
    rules: { 'max-lines': ['error', { max: 299, skipBlankLines: false, skipComments: false }] },
  },
  {
    // Injected classes are imported as values, because their metadata is read at run time.
    files: [
      'src/**/*.{module,controller,service,repository,guard,strategy,interceptor,pipe,entity}.ts',
      'src/database/*.ts',
    ],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        fetch: 'readonly',
        AbortController: 'readonly',
        performance: 'readonly',
        setTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        clearTimeout: 'readonly',
        URL: 'readonly',
      },
    },
  },
);
