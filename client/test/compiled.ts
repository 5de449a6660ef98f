import { join } from 'node:path';
import ts from 'typescript';

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  types: [],
};

/**
 * Compiles programs together, each a module of its own, as if they were files of a folder.
 *
 * @returns what the compiler says of each
 */
export function compiled(folder: string, programs: Record<string, string>): Record<string, string[]> {
  const texts = new Map(Object.entries(programs).map(([name, text]) => [join(folder, name), text]));
  const host = ts.createCompilerHost(OPTIONS);
  host.readFile = (path) => texts.get(path) ?? ts.sys.readFile(path);
  host.fileExists = (path) => texts.has(path) || ts.sys.fileExists(path);
  host.getSourceFile = (path, options) => {
    const text = host.readFile(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, options);
  };
  const program = ts.createProgram([...texts.keys()], OPTIONS, host);
  const messages = Object.keys(programs).map((name) => {
    const file = program.getSourceFile(join(folder, name))!;
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return [name, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))] as const;
  });
  return Object.fromEntries(messages);
}
