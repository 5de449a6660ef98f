import { EXCEPTIONS, type Exception } from './exceptions.js';
import { type Finding, OwnerCheck, type OwnedSchema } from './owner-check.js';
import type { IssuedStatement } from './statement-log.js';

export type ForgetfulStatement = IssuedStatement & Finding;

/**
 * Those of the statements that may reach rows of an owner whom they do not name.
 *
 * @param used gets the exceptions that allowed something
 */
export function forgetfulStatements(
  issued: readonly IssuedStatement[],
  schema: OwnedSchema,
  used = new Set<Exception>(),
): ForgetfulStatement[] {
  const check = new OwnerCheck(schema);
  return issued.flatMap(({ by, text }) =>
    check
      .check(text)
      .findings.map((finding) => ({ by, text, ...finding }))
      .filter(({ subject }) => {
        const exception = EXCEPTIONS.find((candidate) => candidate.by === by && candidate.table === subject);
        if (exception !== undefined) used.add(exception);
        return exception === undefined;
      }),
  );
}

export function describeForgetful({ by, text, subject, problem }: ForgetfulStatement): string {
  return `${by}: ${subject} ${problem}, in\n${text.trim()}`;
}
