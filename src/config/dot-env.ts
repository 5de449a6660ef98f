import { parseEnv } from 'node:util';

/** What a file of environment variables says. */
export interface DotEnv {
  readonly variables: ReadonlyMap<string, string>;
  /** One sentence for each line that cannot be read; no variable counts then. */
  readonly problems: string[];
}

const ASSIGNMENT = /^(?:export\s+)?([A-Za-z_]\w*)\s*=(.*)$/;

/** Such a character is never part of a value, and `process.env` would cut the value off at U+0000. */
// eslint-disable-next-line no-control-regex
const CONTROL_CHARACTER = /[\u0000-\u0008\u000b-\u001f\u007f]/;

/** The most lines that are reported. */
const MAX_PROBLEMS = 10;

/**
 * Reads the bytes of an `.env` file: UTF-8, with or without a byte order mark, with line ends of any system. A line is
 * blank, a comment, or `NAME=value`, with or without `export` and quotes.
 *
 * Node's `parseEnv` gives the values. What it would skip, cut off, or take for a part of the next line is a problem
 * here, so that no variable is lost without a word.
 */
export function parseDotEnv(bytes: Uint8Array): DotEnv {
  const text = decoded(bytes);
  if (text === undefined) return { variables: new Map(), problems: ['.env is not UTF-8: save it as UTF-8'] };
  const variables = new Map<string, string>();
  const problems: string[] = [];
  text.split(/\r\n|[\r\n]/).forEach((line, index) => {
    const result = parseLine(line.trim());
    if (typeof result === 'string') problems.push(`.env line ${index + 1}: ${result}`);
    else if (result !== undefined) variables.set(...result);
  });
  return { variables, problems: problems.slice(0, MAX_PROBLEMS) };
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** @returns name and value, or what is wrong; `undefined` where the line says nothing */
function parseLine(line: string): [string, string] | string | undefined {
  if (line === '' || line.startsWith('#')) return undefined;
  if (CONTROL_CHARACTER.test(line)) return 'has a control character';
  const [, name = '', value = ''] = ASSIGNMENT.exec(line) ?? [];
  if (name === '') return 'is not NAME=value';
  const problem = problemOfValue(value);
  if (problem !== undefined) return `${name}: ${problem}`;
  return [name, parseEnv(`${name}=${value.trim()}`)[name] ?? ''];
}

function problemOfValue(value: string): string | undefined {
  const [quote] = /^["'`]/.exec(value.trim()) ?? [];
  if (quote === undefined) {
    const comment = value.indexOf('#');
    const isPartOfValue = comment === 0 || (comment > 0 && /\S/.test(value[comment - 1]!));
    return isPartOfValue ? 'a # begins a comment: put the value in quotes' : undefined;
  }
  const quoted = value.trim();
  const end = quoted.indexOf(quote, 1);
  if (end === -1) return `the quote ${quote} is not closed on its line`;
  return /^\s*(#.*)?$/.test(quoted.slice(end + 1)) ? undefined : `text follows the closing quote ${quote}`;
}
