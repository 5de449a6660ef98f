import ts from 'typescript';
import { loadModule, parsePlPgSQLSync, parseSync } from 'libpg-query';
import { COPIED, PLACED_BY } from './known-statements.js';

await loadModule();

/** A statement, and where it stands. */
export interface FoundStatement {
  readonly where: string;
  readonly text: string;
}

type Tree = Record<string, unknown>;

/** Calls `visit` for each node of a syntax tree, with its kind. */
function walk(node: unknown, visit: (kind: string, node: Tree) => void): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [kind, inner] of Object.entries(node)) {
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) visit(kind, inner as Tree);
    walk(inner, visit);
  }
}

const nameOf = (names: unknown) =>
  (names as { String?: { sval?: string } }[]).map(({ String: name }) => name?.sval ?? '*').at(-1)!;

interface Used {
  readonly tables: string[];
  readonly functions: string[];
  readonly hasChangeInWith: boolean;
  readonly hasLock: boolean;
}

function usedBy(tree: unknown): Used {
  const tables = new Set<string>();
  const functions = new Set<string>();
  let hasChangeInWith = false;
  let hasLock = false;
  walk(tree, (kind, node) => {
    if (kind === 'relation' || kind === 'RangeVar') if ('relname' in node) tables.add(String(node['relname']));
    hasLock ||= 'lockingClause' in node;
    if (kind === 'FuncCall') functions.add(nameOf(node['funcname']));
    if (kind === 'CommonTableExpr') {
      walk(node, (inner) => (hasChangeInWith ||= ['InsertStmt', 'UpdateStmt', 'DeleteStmt'].includes(inner)));
    }
  });
  const withNames = new Set<string>();
  walk(tree, (kind, node) => kind === 'CommonTableExpr' && withNames.add(String(node['ctename'])));
  return {
    tables: [...tables].filter((name) => !withNames.has(name)),
    functions: [...functions],
    hasChangeInWith,
    hasLock,
  };
}

/** The statements of a function of the database, and the expressions that it evaluates. */
export function statementsOfFunction(file: string, definition: string): FoundStatement[] {
  const inSql = /\blanguage sql\b.*?\$function\$(.*)\$function\$/s.exec(definition);
  if (inSql !== null) return [{ where: file, text: inSql[1]! }];
  const found: FoundStatement[] = [];
  walk(parsePlPgSQLSync(definition), (kind, node) => {
    if (kind === 'PLpgSQL_stmt_dynexecute') throw new Error(`${file} puts a statement together, which nobody can read`);
    if (kind !== 'PLpgSQL_expr') return;
    const text = String(node['query']);
    const statement = /^\s*(select|insert|update|delete|with)\b/i.test(text)
      ? text
      : `select ${text.replace(/^.*?:=/s, '')}`;
    found.push({ where: file, text: statement });
  });
  return found;
}

/** The statements that stand in the source of a module, each with its name or its beginning. */
export function statementsOfModule(file: string, source: string): FoundStatement[] {
  const found: FoundStatement[] = [];
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit);
    if (!ts.isStringLiteral(node) && !ts.isTemplateLiteral(node)) return;
    const text = ts.isTemplateExpression(node)
      ? node
          .getText()
          .slice(1, -1)
          .replaceAll(/\$\{[^}]*\}/g, 'something')
      : node.text;
    if (/^\s*(select|insert into|update|delete from|with)\s/.test(text) && isStatement(text)) {
      found.push({ where: `${file}: ${nameIn(node.parent) ?? text.trim().split('\n', 1)[0]!}`, text });
    }
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true));
  return found;
}

/** `const NAME = …`, or `{ name: 'name', text: … }`. */
function nameIn(parent: ts.Node): string | undefined {
  if (ts.isVariableDeclaration(parent)) return parent.name.getText();
  if (!ts.isPropertyAssignment(parent)) return undefined;
  const key = parent.name.getText();
  const named = parent.parent.properties.find((one) => one.name?.getText() === 'name');
  const name = named && ts.isPropertyAssignment(named) ? named.initializer.getText().slice(1, -1) : key;
  return key === 'batchedText' ? `${name}-batched` : name;
}

function isStatement(text: string): boolean {
  try {
    parseSync(text);
    return true;
  } catch {
    return false;
  }
}

/** Functions, PostgreSQL's and ours, that are not immutable, and that statements here call. */
const NOT_IMMUTABLE = new Set([
  'now',
  'clock_timestamp',
  'statement_timestamp',
  'date_trunc',
  'gen_random_uuid',
  'random',
  'nextval',
  'change_id',
  'change_id_of',
  'change_id_from',
  'iso_time',
  'pg_column_size',
]);

/** What Citus refuses also of a statement that asks all nodes. */
export function refusedAnywhere(one: FoundStatement): string[] {
  return [...refusedChangesInWith(one), ...refusedLocks(one), ...refusedCalls(one)];
}

/** It is pulled to the coordinator, and fails there when a comparison with NULL leaves nothing to change. */
function refusedChangesInWith({ text }: FoundStatement): string[] {
  return usedBy(parseSync(text)).hasChangeInWith ? ['changes rows in a common table expression'] : [];
}

/** It locks what is in one place. */
function refusedLocks({ text }: FoundStatement): string[] {
  const tree = parseSync(text);
  const { tables, hasLock } = usedBy(tree);
  if (!hasLock) return [];
  const problems = tables.length > 1 ? ['locks rows while it looks for others'] : [];
  walk(tree, (_, node) => {
    if (['AEXPR_IN', 'AEXPR_OP_ANY'].includes(String(node['kind']))) problems.push('locks rows of many');
  });
  return problems;
}

/** In an update or a deletion, functions that it cannot work out before it sends the statement. */
function refusedCalls({ text }: FoundStatement): string[] {
  const problems: string[] = [];
  const tree = parseSync(text);
  walk(tree, (kind, change) => {
    if (kind !== 'UpdateStmt' && kind !== 'DeleteStmt') return;
    const { relation } = change as { relation: { relname: string; alias?: { aliasname: string } } };
    const alias = relation.alias?.aliasname ?? relation.relname;
    walk(change, (inner, node) => {
      const names = inner === 'FuncCall' ? [nameOf(node['funcname'])].filter((name) => NOT_IMMUTABLE.has(name)) : [];
      walk(names.length > 0 ? node : {}, (argument, column) => {
        if (argument !== 'ColumnRef' || !columnOf({ ColumnRef: column })!.startsWith(`${alias}.`)) return;
        problems.push(`calls ${names.join()} with a column of what it changes`);
      });
      if (
        inner === 'A_Expr' &&
        ['+', '-'].includes(nameOf(node['name'])) &&
        /\bat$|_at$/.test(columnOf(node['lexpr']) ?? '')
      ) {
        problems.push('adds to a time of what it changes, which depends on the time zone');
      }
      if (inner !== 'CaseExpr' && inner !== 'CoalesceExpr') return;
      const called = usedBy(node).functions.filter((name) => NOT_IMMUTABLE.has(name));
      if (called.length > 0) problems.push(`calls ${called.join(', ')} in a case or coalesce`);
    });
  });
  return problems;
}

/** The volatile functions that a statement calls while it changes rows, beside values of a single row. */
export function volatileCalls({ text }: FoundStatement): string[] {
  const tree = parseSync(text);
  let isRefused = false;
  walk(tree, (kind, node) => {
    isRefused ||= kind === 'UpdateStmt' || kind === 'DeleteStmt';
    isRefused ||= kind === 'InsertStmt' && 'fromClause' in ((node['selectStmt'] as Tree)?.['SelectStmt'] as Tree);
  });
  const volatile = ['gen_random_uuid', 'random', 'clock_timestamp', 'nextval', 'change_id'];
  return isRefused ? usedBy(tree).functions.filter((name) => volatile.includes(name)) : [];
}

/** What keeps a statement from being one task of one node of a distributed PostgreSQL (docs/scaling.md). */
export function refusedShapes(one: FoundStatement, readers: ReadonlySet<string>): string[] {
  const { text } = one;
  const { tables, functions } = usedBy(parseSync(text));
  const owned = tables.filter((table) => !COPIED.includes(table));
  const problems = refusedAnywhere(one);
  if (functions.includes('nextval')) problems.push('takes a number of a sequence, which other nodes do not have');
  if (owned.length > 0 && functions.includes('unnest') && /\$\d+/.test(text)) problems.push('is about many owners');
  const inner = functions.filter((name) => readers.has(name));
  if (owned.length > 0 && inner.length > 0)
    problems.push(`calls ${inner.join(', ')}, which reads tables, beside a table`);
  const placements = new Set(
    owned.map((table) => Object.entries(PLACED_BY).find(([, of]) => table in of)?.[0] ?? `no owner (${table})`),
  );
  if (placements.size > 1) problems.push(`joins what is placed by ${[...placements].join(' and ')}`);
  return [...problems, ...refusedOuterJoins(one)];
}

/** Outer joins on a parameter that may be NULL: then nothing can match, and the planner no longer sees whose rows. */
function refusedOuterJoins({ text }: FoundStatement): string[] {
  const tree = parseSync(text);
  const nullable = new Set<number>();
  walk(tree, (kind, node) => kind === 'NullTest' && nullable.add(numberOf(node['arg']) ?? NaN));
  const problems: string[] = [];
  walk(tree, (kind, join) => {
    if (kind !== 'JoinExpr' || join['jointype'] === 'JOIN_INNER') return;
    walk(join['quals'], (inner, node) => {
      const sides = inner === 'A_Expr' && nameOf(node['name']) === '=' ? [node['lexpr'], node['rexpr']] : [];
      for (const number of sides.flatMap((side) => numberOf(side) ?? [])) {
        if (nullable.has(number)) problems.push(`has an outer join on $${number}, which may be NULL`);
      }
    });
  });
  return problems;
}

/**
 * The tables of which a statement does not say whose rows it wants, by a comparison of the owner's column with a
 * parameter: such a statement asks all nodes.
 */
export function withoutOwner({ text }: FoundStatement): string[] {
  const aliases: [string, string][] = [];
  const compared = new Set<string>();
  const tree = parseSync(text);
  const { tables } = usedBy(tree);
  walk(tree, (kind, node) => {
    if ((kind === 'relation' || kind === 'RangeVar') && 'relname' in node) {
      const table = String(node['relname']);
      if (tables.includes(table)) aliases.push([(node['alias'] as { aliasname?: string })?.aliasname ?? table, table]);
    }
    if (kind !== 'A_Expr' || nameOf(node['name']) !== '=') return;
    const sides = [node['lexpr'], node['rexpr']];
    const columns = sides.flatMap((side) => columnOf(side) ?? []);
    if (columns.length === 1 && sides.some(isParameter)) compared.add(columns[0]!);
  });
  return aliases.flatMap(([alias, table]) => {
    const column = Object.values(PLACED_BY).find((of) => table in of)?.[table];
    return column === undefined || compared.has(`${alias}.${column}`) ? [] : [`does not say whose ${table}`];
  });
}

/** `alias.column`, whatever it is cast to. */
function columnOf(side: unknown): string | undefined {
  const { ColumnRef: column, TypeCast: cast } = side as {
    ColumnRef?: { fields: unknown[] };
    TypeCast?: { arg: unknown };
  };
  if (cast !== undefined) return columnOf(cast.arg);
  return (
    column && (column.fields as { String?: { sval?: string } }[]).map(({ String: part }) => part?.sval ?? '*').join('.')
  );
}

function isParameter(side: unknown): boolean {
  return numberOf(side) !== undefined;
}

/** 2 of `$2`, whatever it is cast to. */
function numberOf(side: unknown): number | undefined {
  const { ParamRef: parameter, TypeCast: cast } = side as {
    ParamRef?: { number: number };
    TypeCast?: { arg: unknown };
  };
  return cast === undefined ? parameter?.number : numberOf(cast.arg);
}

/** The tables that a statement reads or changes, and of which not every node has a copy. */
export function ownedTablesOf(one: FoundStatement): string[] {
  return tablesOf(one).filter((table) => Object.values(PLACED_BY).some((of) => table in of) || table === 'user_emails');
}

/** The tables that a statement reads or changes. */
export function tablesOf({ text }: FoundStatement): string[] {
  return usedBy(parseSync(text)).tables;
}
