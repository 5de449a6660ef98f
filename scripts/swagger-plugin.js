// The compiler plugin of @nestjs/swagger, for a checkout in any folder. It writes imports by what the compiler prints
// of a type, import("/home/Jos\u00e9/src/x.dto"), and takes that for the path itself; and it decodes percent signs in
// some paths and not in others. scripts/ is named from node_modules, where Nest looks for plugins.
import { before as swaggerPlugin } from '@nestjs/swagger/plugin';

export function before(options, program) {
  const checker = program.getTypeChecker();
  return swaggerPlugin(
    options,
    withOwn(program, {
      getTypeChecker: () =>
        withOwn(checker, { typeToString: (...type) => withoutEscapes(checker.typeToString(...type)) }),
      // Without these two, it decodes both ends of an import, and finds the right way from one to the other.
      getCompilerOptions: () => ({ ...program.getCompilerOptions(), rootDir: undefined, outDir: undefined }),
    }),
  );
}

function withOwn(object, members) {
  return Object.assign(Object.create(object), members);
}

function withoutEscapes(type) {
  return type.replace(/(?<=import\()"(?:[^"\\]|\\.)*"(?=[,)])/g, (path) => `"${JSON.parse(path)}"`);
}
