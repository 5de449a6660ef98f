import {
  type A_Expr,
  type Alias,
  type CreateFunctionStmt,
  type FuncCall,
  loadModule,
  type Node,
  parsePlPgSQLSync,
  parseSync,
  type RangeVar,
} from 'libpg-query';

await loadModule();

export const UNNAMED = '?column?';

/** What nothing is known of. */
export const UNKNOWN: Node = { A_Star: {} };

export const EQUALS: Node[] = [{ String: { sval: '=' } }];

export function isEquals(operator: Node[] | undefined): boolean {
  return operator?.length === 1 && textOf(operator[0]!) === '=';
}

/** That a term equals one of the others. */
export interface Equality {
  readonly term: Node;
  readonly others: readonly Node[];
  /** Whether there is but one other, so that it equals the term as well. */
  readonly isMutual: boolean;
}

export function equalitiesOf({ kind, name, lexpr, rexpr }: A_Expr): Equality[] {
  if (!isEquals(name) || lexpr === undefined || rexpr === undefined) return [];
  if (kind === 'AEXPR_OP_ANY') return [{ term: lexpr, others: [rexpr], isMutual: false }];
  const isList = kind === 'AEXPR_IN' && 'List' in rexpr;
  if (kind !== 'AEXPR_OP' && !isList) return [];
  const left = termsOf(lexpr);
  const rows = (isList ? (rexpr.List.items ?? []) : [rexpr]).map(termsOf);
  if (rows.some((row) => row.length !== left.length)) return [];
  return left.map((term, place) => ({ term, others: rows.map((row) => row[place]!), isMutual: !isList }));
}

/** The members of a row, or the one value. */
export function termsOf(node: Node): Node[] {
  return 'RowExpr' in node ? (node.RowExpr.args ?? []) : [node];
}

export function columnReference(source: string, column: string): Node {
  return { ColumnRef: { fields: [{ String: { sval: source } }, { String: { sval: column } }] } };
}

export function columnsOf(alias: Alias | undefined, definitions: Node[] | undefined): string[] | undefined {
  if (definitions !== undefined) {
    return definitions.map((column) => ('ColumnDef' in column ? column.ColumnDef.colname! : UNNAMED));
  }
  // Of a function that returns single values, the alias also names the column.
  return alias?.colnames?.map(textOf) ?? (alias?.aliasname === undefined ? undefined : [alias.aliasname]);
}

export function nameOf({ funcname = [] }: FuncCall): string {
  return textOf(funcname.at(-1)!);
}

/** What a call of `unnest` takes apart; of another function, what nothing is known of. */
export function arraysOf(call: FuncCall): readonly Node[] {
  return nameOf(call) === 'unnest' && call.args !== undefined ? call.args : [UNKNOWN];
}

export function nameOfValue(value: Node | undefined): string {
  if (value === undefined) return UNNAMED;
  if ('ColumnRef' in value) return namesOf(value.ColumnRef.fields).at(-1) ?? UNNAMED;
  if ('FuncCall' in value) return nameOf(value.FuncCall);
  return 'TypeCast' in value ? nameOfValue(value.TypeCast.arg) : UNNAMED;
}

export function namesOf(fields: Node[] | undefined): string[] {
  return (fields ?? []).filter((field) => 'String' in field).map(textOf);
}

export function textOf(node: Node): string {
  return 'String' in node ? (node.String.sval ?? '') : '';
}

/** Every mention of a table, or of what could be one, at any depth. */
export function relationsOf(node: unknown): RangeVar[] {
  if (typeof node !== 'object' || node === null) return [];
  // `for update of` names what the query has already.
  const inner = Object.entries(node).flatMap(([key, value]) => (key === 'lockedRels' ? [] : relationsOf(value)));
  return 'relname' in node ? [node as RangeVar, ...inner] : inner;
}

export function createFunctionOf(definition: string): CreateFunctionStmt {
  const statement = parseSync(definition).stmts?.[0]?.stmt;
  if (statement === undefined || !('CreateFunctionStmt' in statement)) throw new Error('This is no create function');
  return statement.CreateFunctionStmt;
}

export function optionOf(options: Node[], name: string): string[] {
  const [value] = options.flatMap((option) =>
    'DefElem' in option && option.DefElem.defname === name && option.DefElem.arg ? [option.DefElem.arg] : [],
  );
  if (value === undefined) return [];
  return 'List' in value ? (value.List.items ?? []).map(textOf) : [textOf(value)];
}

/** How PL/pgSQL has an expression parsed (`RawParseMode`). */
const STATEMENT_MODE = 0;
const EXPRESSION_MODE = 2;

/** The statements and expressions in a function's body, each as a statement. */
export function statementsOfPlPgSql(definition: string): string[] {
  const statements: string[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [kind, inner] of Object.entries(node)) {
      if (kind.startsWith('PLpgSQL_stmt_dyn') || kind === 'dynquery') {
        throw new Error('Statements that are put together at run time cannot be checked');
      }
      if (kind === 'PLpgSQL_expr') statements.push(statementOf(inner as { query: string; parseMode: number }));
      walk(inner);
    }
  };
  walk(parsePlPgSQLSync(definition));
  return statements;
}

function statementOf({ query, parseMode }: { query: string; parseMode: number }): string {
  if (parseMode === STATEMENT_MODE) return query;
  // An assignment is a target and an expression.
  return `select ${parseMode === EXPRESSION_MODE ? query : query.replace(/^[^:=]*:?=/, '')}`;
}
