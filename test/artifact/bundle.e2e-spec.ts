import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { aDatabase } from '../support/database.js';
import { aFolder, runCommand, ServiceProcess } from '../support/process.js';

vi.setConfig({ testTimeout: 120_000 });

/** Statements whose only effect is an exception. */
const ONLY_FOR_THEIR_EXCEPTION = {
  'a call': `decodeURIComponent('%zz');`,
  'a call for a variable': `const unused = decodeURIComponent('%zz');`,
  'a call of a method': `JSON.parse('{');`,
  'a constructor': `new URL('no address');`,
  'a constructor of a built-in class': `new RegExp('(');`,
  'a conversion': `BigInt('x');`,
  'a conversion by an operator': `+Symbol();`,
  'a text of parts': 'const unused = `${Symbol()}`;',
  'a member of nothing': `nothing.member;`,
  'a destructured nothing': `const {} = nothing;`,
  'a spread nothing': `[...nothing];`,
  'an array of no length': `new Array(-1);`,
  'the operator in': `'a' in 1;`,
  'a deletion': `delete Object.freeze([1])[0];`,
  'a loop': `for (const unused of nothing);`,
  'a comparison': `null instanceof nothing;`,
  'a nested call': `String(BigInt('x'));`,
  'a call behind a condition': `nothing ?? decodeURIComponent('%zz');`,
};

const PLANTED = `let nothing;
const attempts = {
${Object.entries(ONLY_FOR_THEIR_EXCEPTION)
  .map(([name, statement]) => `  '${name}'() { ${statement} },`)
  .join('\n')}
};
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    attempt();
    console.log(name + ': nothing');
  } catch (error) {
    console.log(name + ': ' + error.name);
  }
}
`;

const BUNDLE = 'dist/service';

/** How many statements are nothing but a call, without those with which the bundler runs and names modules. */
function callStatements(code: string): number {
  let count = 0;
  const walk = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node)) {
      const inner = ts.isAwaitExpression(node.expression) ? node.expression.expression : node.expression;
      const isCall = ts.isCallExpression(inner) || ts.isNewExpression(inner);
      if (isCall && !/^(init|require)_/.test(inner.expression.getText())) count++;
    }
    ts.forEachChild(node, walk);
  };
  walk(ts.createSourceFile('module.js', code, ts.ScriptTarget.Latest, true));
  return count;
}

describe('the bundle', () => {
  let folder: Awaited<ReturnType<typeof aFolder>>;
  beforeAll(async () => {
    folder = await aFolder();
  });
  afterAll(() => folder.remove());

  it('keeps what is there only for its exception', async () => {
    const planted = join(folder.path, 'planted.js');
    writeFileSync(planted, PLANTED);
    writeFileSync(join(folder.path, 'package.json'), '{ "type": "module" }');
    const bundle = await runCommand('node', ['scripts/bundle.js', planted, join(folder.path, 'bundle')], '.');
    expect(bundle).toMatchObject({ code: 0, stderr: '' });
    const asWritten = await runCommand('node', [planted], folder.path);
    const bundled = await runCommand('node', [join('bundle', 'planted.js')], folder.path);
    expect(asWritten.stdout).not.toContain('nothing\n');
    expect(bundled.stdout).toBe(asWritten.stdout);
  });

  it('has every call statement of every module of ours that is in it', () => {
    const bundled = new Map<string, number>();
    for (const chunk of readdirSync(BUNDLE).filter((file) => file.endsWith('.js'))) {
      // The bundler names each module in a comment above it.
      const parts = readFileSync(join(BUNDLE, chunk), 'utf8').split(/^\/\/ (\S+\.[cm]?js)$/m);
      for (let part = 1; part < parts.length; part += 2) {
        if (parts[part]!.startsWith('dist/src/')) bundled.set(parts[part]!, callStatements(parts[part + 1]!));
      }
    }
    expect(bundled.size).toBeGreaterThan(100);
    const lost = [...bundled].filter(([module, count]) => count < callStatements(readFileSync(module, 'utf8')));
    expect(lost).toStrictEqual([]);
  });

  it('answers an address that cannot be decoded as the route does', async () => {
    const database = await aDatabase();
    const service = await ServiceProcess.start(folder.path, database.variables);
    try {
      const answer = await fetch(`${service.url}/organization/%zz`, { headers: { 'x-request-id': 'undecodable' } });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('x-request-id')).toBe('undecodable');
      expect(await answer.json()).toStrictEqual({ success: false, data: null, message: 'Unauthorized' });
    } finally {
      await service.kill('SIGKILL');
      await database.drop();
    }
  });
});
