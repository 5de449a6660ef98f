import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { aFolderWithData } from '../support/embedded-data.js';
import { runCommand, ServiceProcess } from '../support/process.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/** Runs what README.md shows, word for word, and compares what comes with what it says. */

interface Step {
  readonly command: string;
  readonly output: string;
}

const README = readFileSync('README.md', 'utf8');

/** The fenced blocks of one section, in one language. */
function blocksOf(title: string, language: string): string[] {
  const section = README.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
  return [...section.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .filter(([, found]) => found === language)
    .map(([, , text]) => text!);
}

/** What a block of a console holds: each command with its output. */
function stepsOf(block: string): Step[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const end = step.indexOf('\n');
      return { command: step.slice(0, end), output: step.slice(end + 1) };
    });
}

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z/;

/** What README.md cannot know beforehand, with what may stand in its place. */
const PLACEHOLDERS: [RegExp, string][] = [
  [/^…\n/m, '(?:.*\\n)*?'],
  [/\b[0-9a-f]{8}-…/, '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'],
  [/…/, '.*'],
  [TIME, TIME.source],
  [/(?<="id":)\d+/, '\\d+'],
  [/(?<="\d+-)[\w-]{8}(?=")/, '[\\w-]{8}'],
  [/http:\/\/127\.0\.0\.1:3000/, 'http://127\\.0\\.0\\.1:\\d+'],
];

const escape = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Matches what is as README.md shows it. */
function patternOf(output: string): RegExp {
  const anywhere = new RegExp(PLACEHOLDERS.map(([placeholder]) => `(${placeholder.source})`).join('|'), 'gm');
  let pattern = '';
  let end = 0;
  for (const found of output.matchAll(anywhere)) {
    const which = found.slice(1).findIndex((text) => text !== undefined);
    pattern += escape(output.slice(end, found.index)) + PLACEHOLDERS[which]![1];
    end = found.index + found[0].length;
  }
  return new RegExp(`^${pattern}${escape(output.slice(end))}$`);
}

let folder: Awaited<ReturnType<typeof aFolderWithData>>;
let service: ServiceProcess;

beforeAll(async () => {
  folder = await aFolderWithData();
  service = await ServiceProcess.start(folder.path);
});
afterAll(async () => {
  await service.kill('SIGKILL');
  await folder.remove();
});

it('the greeting is as README.md shows it', () => {
  const [shown = ''] = blocksOf('Run it', '');
  const greeting = service.greeting.slice(service.greeting.indexOf('Flashback'));
  expect(greeting.trim()).toMatch(patternOf(shown.trim()));
});

describe('the tour', () => {
  const SEPARATOR = '\u001e';
  const steps = ['A tour with curl', 'People', 'Defaults, rules and locks']
    .flatMap((title) => blocksOf(title, 'console'))
    .flatMap(stepsOf);
  let outputs: string[];

  beforeAll(async () => {
    const [, organization = ''] = /Demo organization: (\S+)/.exec(service.greeting)!;
    const beforeTheTour = new Date(Date.now() - 60_000).toISOString();
    const asHere = (command: string, token: string) =>
      command
        .replaceAll('localhost:3000', new URL(service.url).host)
        .replaceAll('eyJhbGciOi…', token)
        .replaceAll('6f3d5a1c-…', organization)
        .replace(TIME, beforeTheTour);
    const script = [
      ...blocksOf('A tour with curl', 'sh').map((block) => asHere(block, service.token('demo owner'))),
      ...steps.map(({ command }) => `${asHere(command, service.token('plain member'))}\nprintf '${SEPARATOR}'`),
    ].join('\n');
    const { stdout, stderr } = await runCommand('bash', ['-c', script], folder.path);
    expect(stderr).toBe('');
    outputs = stdout.replaceAll('\r', '').split(SEPARATOR);
  });

  it('has steps', () => {
    expect(steps.length).toBeGreaterThan(20);
    expect(outputs).toHaveLength(steps.length + 1);
  });

  it.each(steps.map(({ command, output }, n) => ({ command, output, n })))('$command', ({ output, n }) => {
    expect(outputs[n]!.trim()).toMatch(patternOf(output.trim()));
  });
});
