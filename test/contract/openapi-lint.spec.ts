import { readFileSync } from 'node:fs';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { type RulesetDefinition, Spectral } from '@stoplight/spectral-core';
import rulesets from '@stoplight/spectral-rulesets';
import { describe, expect, it, vi } from 'vitest';

vi.setConfig({ testTimeout: 60_000 });

interface Document {
  paths: Record<string, Record<string, { security?: object[] }>>;
  components: { schemas: Record<string, { additionalProperties?: boolean }> };
}

const read = () => JSON.parse(readFileSync('openapi.json', 'utf8')) as Document;

/** What the recommended rules of Redocly call an error. */
async function redocly(document: Document): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source: JSON.stringify(document), absoluteRef: 'openapi.json', config });
  return problems.filter(({ severity }) => severity === 'error').map(({ ruleId, message }) => `${ruleId}: ${message}`);
}

/** What the recommended rules of Spectral call an error. */
async function spectral(document: Document): Promise<string[]> {
  const linter = new Spectral();
  linter.setRuleset({ extends: [[rulesets.oas as unknown as RulesetDefinition, 'recommended']] });
  const problems = await linter.run(JSON.stringify(document));
  return problems.filter(({ severity }) => Number(severity) === 0).map(({ code, message }) => `${code}: ${message}`);
}

describe('the OpenAPI document', () => {
  it('has no error by the rules of Redocly, which would find one', async () => {
    expect(await redocly(read())).toStrictEqual([]);
    const document = read();
    delete document.paths['/health']!['get']!.security;
    expect(await redocly(document)).toStrictEqual([expect.stringMatching(/^security-defined: /)]);
  });

  it('has no error by the rules of Spectral, which would find one', async () => {
    expect(await spectral(read())).toStrictEqual([]);
    const document = read();
    delete document.components.schemas['SettingsWrittenResponseDto']!.additionalProperties;
    expect(await spectral(document)).toContainEqual(expect.stringMatching(/^oas3-valid-media-example: /));
  });
});
