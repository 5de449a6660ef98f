import { describe, expect, it } from 'vitest';
import { parseDotEnv } from './dot-env.js';

const parse = (text: string) => {
  const { variables, problems } = parseDotEnv(Buffer.from(text));
  return { ...Object.fromEntries(variables), ...(problems.length > 0 && { problems }) };
};

describe('.env', () => {
  it.each([
    ['a byte order mark', '\ufeffA=1\nB=2'],
    ['line ends of Windows', 'A=1\r\nB=2\r\n'],
    ['line ends of an old Mac', 'A=1\rB=2\r'],
    ['no line end at its end', 'A=1\nB=2'],
    ['lines of blanks', '   \nA=1\n \t \n\u00a0\nB=2\n   '],
    ['blanks around everything', '  A = 1  \n\tB\t=\t2\t'],
    ['export', 'export A=1\n  export   B=2'],
    ['quotes', 'A="1"\nB=\'2\''],
    ['other quotes', 'A=`1`\nB = "2" '],
    ['comments', '# don\'t\nA=1 # it\'s\n  # B=3\nB="2"# two'],
    ['a name twice', 'A=3\nB=2\nA=1'],
  ])('may have %s', (_, text) => {
    expect(parse(text)).toStrictEqual({ A: '1', B: '2' });
  });

  it('keeps what is special elsewhere', () => {
    expect(
      parse(
        `URL=postgres://u:p%23=$x@h/d?a=b\nHASH="a # b"\nSINGLE='a\\nb "c"'\nLINES="a\\nb"\nAPOSTROPHE=it's\nEMPTY=\nNONE= # no`,
      ),
    ).toStrictEqual({
      URL: 'postgres://u:p%23=$x@h/d?a=b',
      HASH: 'a # b',
      SINGLE: 'a\\nb "c"',
      LINES: 'a\nb',
      APOSTROPHE: "it's",
      EMPTY: '',
      NONE: '',
    });
  });

  it.each([
    ['NAME', 'is not NAME=value'],
    ['NAME: value', 'is not NAME=value'],
    ['=value', 'is not NAME=value'],
    ['1A=value', 'is not NAME=value'],
    ['A-B=value', 'is not NAME=value'],
    ['set A=value', 'is not NAME=value'],
    ['-----BEGIN KEY-----', 'is not NAME=value'],
    ['A="secret', 'A: the quote " is not closed on its line'],
    ["A='secret", "A: the quote ' is not closed on its line"],
    ['A="se"cret', 'A: text follows the closing quote "'],
    ['A="se\\"cret"', 'A: text follows the closing quote "'],
    ['A=se#cret', 'A: a # begins a comment: put the value in quotes'],
    ['A=#secret', 'A: a # begins a comment: put the value in quotes'],
    ['A=sec\0ret', 'has a control character'],
  ])('may not have the line %j', (line, problem) => {
    expect(parse(`B=2\n\n${line}\nC=3`)).toStrictEqual({ B: '2', C: '3', problems: [`.env line 3: ${problem}`] });
  });

  it('has problems up to a limit', () => {
    expect(parseDotEnv(Buffer.from('?\n'.repeat(1000))).problems).toHaveLength(10);
  });

  it.each([
    ['UTF-16', Buffer.from('\ufeffA=1\n', 'utf16le')],
    ['ISO 8859-1', Buffer.from('A=Zürich\n', 'latin1')],
  ])('may not be %s', (_, bytes) => {
    expect(parseDotEnv(bytes).problems).toStrictEqual(['.env is not UTF-8: save it as UTF-8']);
  });
});
