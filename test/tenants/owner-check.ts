import {
  type A_Expr,
  type Alias,
  type CommonTableExpr,
  type CreateFunctionStmt,
  type DeleteStmt,
  type FuncCall,
  type InsertStmt,
  type JoinExpr,
  loadModule,
  type Node,
  parsePlPgSQLSync,
  parseSync,
  type RangeFunction,
  type RangeVar,
  type SelectStmt,
  type UpdateStmt,
  type WithClause,
} from 'libpg-query';

await loadModule();

/** A table whose rows each belong to somebody. */
export interface OwnedTable {
  /** The columns that name an owner; the first one leads the primary key. None: the rows are everybody's. */
  readonly owners: readonly string[];
  readonly columns: readonly string[];
}

export interface OwnedSchema {
  readonly tables: Readonly<Record<string, OwnedTable>>;
  /** The functions that read such tables, on behalf of the owner who is their first argument. */
  readonly functions: readonly string[];
}

/** A use of a table, or of a function that reads one, which may reach the rows of somebody who was not asked for. */
export interface Finding {
  readonly subject: string;
  readonly problem: string;
}

export interface Verdict {
  readonly findings: readonly Finding[];
  /** The tables with owners, and the functions that read them, that were used. */
  readonly subjects: ReadonlySet<string>;
}

/**
 * Proves of a statement that it reaches only rows of owners whom its parameters name.
 *
 * 1. A table is bound when, at the level of the query at which it stands, one of its owner columns must equal a
 *    parameter, an element of one (`= any($1)`, `in ($1, $2)`, a column of `unnest($1)`), or a column that is bound
 *    itself: of another table, a common table expression, a subquery, or the query around it.
 * 2. Only what must hold counts: the conjuncts of `where` and of inner joins, and those of an outer join for its
 *    nullable side. Anything under `or` or `not`, and any expression around a column, counts for nothing.
 * 3. An inserted row has its owner from a parameter or a bound column, and no update moves a row to another owner.
 * 4. Functions that read tables get a bound owner.
 *
 * What it cannot follow it refuses, also where PostgreSQL would find the same rows. It reads PostgreSQL's own syntax
 * tree (libpg-query), and takes a name for what PostgreSQL takes it for.
 */
export class OwnerCheck {
  constructor(private readonly schema: OwnedSchema) {}

  /** @param text one statement or several */
  check(text: string): Verdict {
    return this.judge([text], new Set());
  }

  /**
   * The same for the body of a function in SQL or PL/pgSQL, whose first argument is the owner.
   *
   * @param definition the whole `create function`
   */
  checkFunction(definition: string): Verdict {
    const { parameters = [], options = [] } = createFunctionOf(definition);
    const [first] = parameters;
    const owner = first !== undefined && 'FunctionParameter' in first ? first.FunctionParameter.name : undefined;
    const variables = new Set(owner === undefined ? [] : [owner]);
    const language = optionOf(options, 'language')[0];
    if (language === 'sql') return this.judge(optionOf(options, 'as'), variables);
    if (language === 'plpgsql') return this.judge(statementsOfPlPgSql(definition), variables);
    throw new Error(`No functions in ${language} can be checked`);
  }

  private judge(texts: readonly string[], variables: ReadonlySet<string>): Verdict {
    const analysis = new Analysis(this.schema, variables);
    for (const text of texts) analysis.run(text);
    return { findings: analysis.findings, subjects: analysis.subjects };
  }
}

/** What stands in a FROM list. */
interface Source {
  readonly name: string;
  /** A table with owners. */
  readonly table?: string;
  /** Unknown for what is neither a table that we know nor a query. */
  readonly columns: readonly string[] | undefined;
  /** Those of its columns that can only have values that a parameter names. */
  readonly bound: Set<string>;
  /** Finds out more of the bound columns. */
  readonly look?: (isFinal: boolean) => void;
}

/** What must hold of some of the sources: the quals of a join, or the where clause. */
interface Condition {
  readonly expression: Node;
  readonly restricted: readonly Source[];
}

/** One level of a query, inside of another. */
interface Level {
  readonly outer: Level | undefined;
  readonly sources: Source[];
  readonly conditions: Condition[];
  readonly queries: Queries;
}

interface Column {
  readonly name: string;
  readonly isBound: boolean;
}

/** The common table expressions that can be seen. */
type Queries = ReadonlyMap<string, readonly Column[] | undefined>;

const UNNAMED = '?column?';

/** What nothing is known of. */
const UNKNOWN: Node = { A_Star: {} };

/** Their tables belong to nobody. */
const SYSTEM_SCHEMAS = ['pg_catalog', 'information_schema'];

class Analysis {
  readonly findings: Finding[] = [];
  readonly subjects = new Set<string>();
  private readonly understood = new Set<object>();

  constructor(
    private readonly schema: OwnedSchema,
    private readonly variables: ReadonlySet<string>,
  ) {}

  run(text: string): void {
    const { stmts = [] } = parseSync(text);
    for (const { stmt } of stmts) {
      this.query(stmt!, undefined, new Map(), true);
      for (const relation of relationsOf(stmt)) {
        if (!this.understood.has(relation)) this.report(relation.relname!, 'is used in a way that cannot be checked');
      }
    }
  }

  /** @param isFinal whether what is wrong is reported; the levels around may not be known to their end yet */
  private query(node: Node, outer: Level | undefined, queries: Queries, isFinal: boolean): Column[] {
    if ('SelectStmt' in node) return this.select(node.SelectStmt, outer, queries, isFinal);
    if ('InsertStmt' in node) return this.insert(node.InsertStmt, outer, queries, isFinal);
    if ('UpdateStmt' in node) return this.update(node.UpdateStmt, outer, queries, isFinal);
    if ('DeleteStmt' in node) return this.delete(node.DeleteStmt, outer, queries, isFinal);
    return [];
  }

  private select(select: SelectStmt, outer: Level | undefined, visible: Queries, isFinal: boolean): Column[] {
    const queries = this.with(select.withClause, outer, visible, isFinal);
    const level: Level = { outer, sources: [], conditions: [], queries };
    const { larg, rarg, valuesLists } = select;
    if (larg !== undefined && rarg !== undefined) {
      const left = this.select(larg, outer, queries, isFinal);
      const right = this.select(rarg, outer, queries, isFinal);
      if (isFinal) this.visit([select.sortClause, select.limitCount, select.limitOffset], level);
      return left.map(({ name, isBound }, place) => ({ name, isBound: isBound && right[place]?.isBound === true }));
    }
    if (valuesLists !== undefined) {
      const rows = valuesLists.map((row) => ('List' in row ? (row.List.items ?? []) : []));
      if (isFinal) this.visit(rows, level);
      return (rows[0] ?? []).map((_, place) => ({
        name: `column${place + 1}`,
        isBound: rows.every((row) => row[place] !== undefined && this.isBound(row[place], level)),
      }));
    }
    this.solve(level, select.fromClause, select.whereClause, isFinal);
    if (isFinal) this.visit({ ...select, fromClause: undefined, whereClause: undefined, withClause: undefined }, level);
    return this.columns(select.targetList, level);
  }

  private update(update: UpdateStmt, outer: Level | undefined, visible: Queries, isFinal: boolean): Column[] {
    const queries = this.with(update.withClause, outer, visible, isFinal);
    const level: Level = { outer, sources: [], conditions: [], queries };
    this.solve(level, [{ RangeVar: update.relation! }, ...(update.fromClause ?? [])], update.whereClause, isFinal);
    if (isFinal) {
      this.visit([update.targetList, update.returningClause], level);
      this.requireSameOwner(update.relation!, update.targetList, level);
    }
    return this.columns(update.returningClause?.exprs, level);
  }

  private delete(remove: DeleteStmt, outer: Level | undefined, visible: Queries, isFinal: boolean): Column[] {
    const queries = this.with(remove.withClause, outer, visible, isFinal);
    const level: Level = { outer, sources: [], conditions: [], queries };
    this.solve(level, [{ RangeVar: remove.relation! }, ...(remove.usingClause ?? [])], remove.whereClause, isFinal);
    if (isFinal) this.visit(remove.returningClause, level);
    return this.columns(remove.returningClause?.exprs, level);
  }

  private insert(insert: InsertStmt, outer: Level | undefined, visible: Queries, isFinal: boolean): Column[] {
    const { relation, cols = [], selectStmt, onConflictClause: conflict } = insert;
    const queries = this.with(insert.withClause, outer, visible, isFinal);
    const values = selectStmt === undefined ? [] : this.query(selectStmt, outer, queries, isFinal);
    const names = cols.map((column) => ('ResTarget' in column ? column.ResTarget.name! : UNNAMED));
    const target = this.sourceOf(relation!, queries, isFinal);
    const given = names.filter((_, place) => values[place]?.isBound === true);
    for (const name of given) target.bound.add(name);
    const level: Level = { outer, sources: [target], conditions: [], queries };
    const [owner] = this.ownersOf(target);
    if (isFinal && owner !== undefined) {
      if (!given.includes(owner)) {
        this.report(target.table!, `gets a row whose ${owner} is none that a parameter names`);
      } else if (conflict?.action === 'ONCONFLICT_UPDATE') {
        const elements = conflict.infer?.indexElems ?? [];
        if (!elements.some((element) => 'IndexElem' in element && element.IndexElem.name === owner)) {
          this.report(target.table!, `is updated where a row conflicts that may have another ${owner}`);
        }
        this.requireSameOwner(relation!, conflict.targetList, level);
      }
    }
    if (isFinal) this.visit([conflict, insert.returningClause], level);
    return this.columns(insert.returningClause?.exprs, level);
  }

  private with(clause: WithClause | undefined, outer: Level | undefined, visible: Queries, isFinal: boolean): Queries {
    if (clause === undefined) return visible;
    const queries = new Map(visible);
    for (const node of clause.ctes ?? []) {
      const { ctename, ctequery, aliascolnames } = (node as { CommonTableExpr: CommonTableExpr }).CommonTableExpr;
      const names = aliascolnames?.map(textOf);
      // What a recursive query finds in itself is not followed.
      if (clause.recursive) queries.set(ctename!, undefined);
      const columns = this.query(ctequery!, outer, queries, isFinal);
      queries.set(ctename!, renamed(columns, names));
    }
    return queries;
  }

  /** Finds the bound columns of all sources, then reports those that lack one. */
  private solve(level: Level, from: Node[] | undefined, where: Node | undefined, isFinal: boolean): void {
    const sources = (from ?? []).flatMap((item) => this.add(item, level, isFinal));
    if (where !== undefined) level.conditions.push({ expression: where, restricted: sources });
    const known = () => sources.reduce((sum, { bound }) => sum + bound.size, 0);
    for (let before = -1; before < known();) {
      before = known();
      for (const source of sources) source.look?.(false);
      for (const { expression, restricted } of level.conditions) this.apply(expression, restricted, level);
    }
    if (!isFinal) return;
    for (const source of sources) {
      source.look?.(true);
      const owners = this.ownersOf(source);
      if (owners.length > 0 && !owners.some((owner) => source.bound.has(owner))) {
        this.report(source.table!, `is not bound to a parameter by ${owners.join(' or ')}`);
      }
    }
    for (const { expression } of level.conditions) this.visit(expression, level);
  }

  /** Adds what stands in a FROM list. @returns the sources in it */
  private add(item: Node, level: Level, isFinal: boolean): Source[] {
    if ('JoinExpr' in item) return this.addJoin(item.JoinExpr, level, isFinal);
    const source = this.sourceIn(item, level, isFinal);
    level.sources.push(source);
    return [source];
  }

  private sourceIn(item: Node, level: Level, isFinal: boolean): Source {
    if ('RangeVar' in item) return this.sourceOf(item.RangeVar, level.queries, isFinal);
    if ('RangeFunction' in item) return this.functionSource(item.RangeFunction, level);
    if ('RangeSubselect' in item) {
      const { subquery, alias, lateral } = item.RangeSubselect;
      const scope = lateral ? level : level.outer;
      const ask = (isLast: boolean) =>
        renamed(this.query(subquery!, scope, level.queries, isLast), alias?.colnames?.map(textOf));
      const bound = new Set<string>();
      const look = (isLast: boolean) => addBound(bound, ask(isLast));
      return { name: alias?.aliasname ?? UNNAMED, columns: ask(false).map(({ name }) => name), bound, look };
    }
    return { name: UNNAMED, columns: undefined, bound: new Set() };
  }

  private sourceOf(relation: RangeVar, queries: Queries, isFinal: boolean): Source {
    const { relname, schemaname, alias } = relation;
    const name = alias?.aliasname ?? relname!;
    if (isFinal) this.understood.add(relation);
    if (schemaname === undefined && queries.has(relname!)) {
      const query = queries.get(relname!);
      const columns = query && renamed(query, alias?.colnames?.map(textOf));
      return { name, columns: columns?.map((column) => column.name), bound: addBound(new Set(), columns ?? []) };
    }
    const table = this.schema.tables[relname!];
    if (table !== undefined && (schemaname ?? 'public') === 'public' && alias?.colnames === undefined) {
      this.subjects.add(relname!);
      return { name, table: relname!, columns: table.columns, bound: new Set() };
    }
    if (isFinal && !SYSTEM_SCHEMAS.includes(schemaname!)) this.report(relname!, 'is no table whose owners are known');
    return { name, columns: undefined, bound: new Set() };
  }

  /** The columns of `unnest` are elements of its arguments; what other functions return is not followed. */
  private functionSource({ functions = [], alias, coldeflist }: RangeFunction, level: Level): Source {
    const calls = functions.map((item) => ('List' in item ? item.List.items?.[0] : undefined));
    const arrays = calls.flatMap((call) =>
      call !== undefined && 'FuncCall' in call ? arraysOf(call.FuncCall) : [UNKNOWN],
    );
    const columns = columnsOf(alias, coldeflist);
    const bound = new Set<string>();
    const look = (isFinal: boolean) => {
      if (isFinal) this.visit(functions, level);
      for (const [place, array] of arrays.entries()) {
        const column = columns?.[place];
        if (column !== undefined && this.isBound(array, level)) bound.add(column);
      }
    };
    return { name: alias?.aliasname ?? UNNAMED, columns, bound, look };
  }

  private addJoin(join: JoinExpr, level: Level, isFinal: boolean): Source[] {
    const left = this.add(join.larg!, level, isFinal);
    const right = this.add(join.rarg!, level, isFinal);
    const both = [...left, ...right];
    const restricted = { JOIN_INNER: both, JOIN_LEFT: right, JOIN_RIGHT: left }[join.jointype as string] ?? [];
    if (join.quals !== undefined) level.conditions.push({ expression: join.quals, restricted });
    for (const name of (join.usingClause ?? []).map(textOf)) {
      const sides = [left, right].map((side) => side.find(({ columns }) => columns?.includes(name)));
      if (sides.includes(undefined)) continue;
      const [lexpr, rexpr] = sides.map((side) => columnReference(side!.name, name));
      level.conditions.push({ expression: { A_Expr: { kind: 'AEXPR_OP', name: EQUALS, lexpr, rexpr } }, restricted });
    }
    return both;
  }

  /** Takes from an expression that must hold which columns of the restricted sources are bound. */
  private apply(expression: Node, restricted: readonly Source[], level: Level): void {
    if ('BoolExpr' in expression) {
      if (expression.BoolExpr.boolop !== 'AND_EXPR') return;
      for (const conjunct of expression.BoolExpr.args ?? []) this.apply(conjunct, restricted, level);
    } else if ('A_Expr' in expression) {
      for (const { term, others, isMutual } of equalitiesOf(expression.A_Expr)) {
        if (others.every((other) => this.isBound(other, level))) this.bind(term, restricted, level);
        if (isMutual && this.isBound(term, level)) for (const other of others) this.bind(other, restricted, level);
      }
    } else if ('SubLink' in expression) {
      const { subLinkType, operName, testexpr, subselect } = expression.SubLink;
      if (subLinkType !== 'ANY_SUBLINK' || (operName !== undefined && !isEquals(operName))) return;
      const columns = this.query(subselect!, level, level.queries, false);
      for (const [place, term] of termsOf(testexpr!).entries()) {
        if (columns[place]?.isBound) this.bind(term, restricted, level);
      }
    }
  }

  private bind(term: Node, restricted: readonly Source[], level: Level): void {
    const found = 'ColumnRef' in term ? find(namesOf(term.ColumnRef.fields), level) : undefined;
    if (found?.source !== undefined && restricted.includes(found.source)) found.source.bound.add(found.column);
  }

  /** Whether a value can only be one that a parameter names. */
  private isBound(node: Node, level: Level): boolean {
    if ('ParamRef' in node) return true;
    if ('TypeCast' in node) return this.isBound(node.TypeCast.arg!, level);
    if ('A_ArrayExpr' in node) return (node.A_ArrayExpr.elements ?? []).every((item) => this.isBound(item, level));
    if ('FuncCall' in node) return arraysOf(node.FuncCall).every((array) => this.isBound(array, level));
    if ('ColumnRef' in node) {
      const names = namesOf(node.ColumnRef.fields);
      const { source, column } = find(names, level);
      return source === undefined ? names.length === 1 && this.variables.has(column) : source.bound.has(column);
    }
    if ('SubLink' in node) {
      const { subLinkType, subselect } = node.SubLink;
      if (subLinkType !== 'EXPR_SUBLINK' && subLinkType !== 'ARRAY_SUBLINK') return false;
      return this.query(subselect!, level, level.queries, false)[0]?.isBound === true;
    }
    return false;
  }

  /** The columns that a list of expressions makes. */
  private columns(targets: Node[] | undefined, level: Level): Column[] {
    return (targets ?? []).flatMap((target) => {
      const { name, val } = (target as { ResTarget: { name?: string; val?: Node } }).ResTarget;
      const fields = val !== undefined && 'ColumnRef' in val ? val.ColumnRef.fields : undefined;
      if (fields?.some((field) => 'A_Star' in field)) {
        const [of] = namesOf(fields);
        return level.sources
          .filter((source) => of === undefined || source.name === of)
          .flatMap(
            ({ columns, bound }) => columns?.map((column) => ({ name: column, isBound: bound.has(column) })) ?? [],
          );
      }
      return [{ name: name ?? nameOfValue(val), isBound: val !== undefined && this.isBound(val, level) }];
    });
  }

  private requireSameOwner(relation: RangeVar, assignments: Node[] | undefined, level: Level): void {
    const owners = this.schema.tables[relation.relname!]?.owners ?? [];
    for (const assignment of assignments ?? []) {
      const { name, val } = (assignment as { ResTarget: { name?: string; val?: Node } }).ResTarget;
      if (owners.includes(name!) && !this.isBound(val!, level)) {
        this.report(relation.relname!, `gets another ${name} than a parameter names`);
      }
    }
  }

  /** Looks into everything that an expression contains. */
  private visit(node: unknown, level: Level): void {
    if (typeof node !== 'object' || node === null) return;
    if ('SubLink' in node) {
      const { subselect, testexpr } = (node as Extract<Node, { SubLink: unknown }>).SubLink;
      this.query(subselect!, level, level.queries, true);
      this.visit(testexpr, level);
      return;
    }
    if ('FuncCall' in node) this.requireOwner((node as Extract<Node, { FuncCall: unknown }>).FuncCall, level);
    for (const inner of Object.values(node)) this.visit(inner, level);
  }

  private requireOwner(call: FuncCall, level: Level): void {
    const name = nameOf(call);
    if (!this.schema.functions.includes(name)) return;
    this.subjects.add(name);
    const [owner] = call.args ?? [];
    if (owner === undefined || !this.isBound(owner, level)) this.report(name, 'gets an owner that no parameter names');
  }

  private ownersOf({ table }: Source): readonly string[] {
    return table === undefined ? [] : this.schema.tables[table]!.owners;
  }

  private report(subject: string, problem: string): void {
    this.findings.push({ subject, problem });
  }
}

const EQUALS: Node[] = [{ String: { sval: '=' } }];

function isEquals(operator: Node[] | undefined): boolean {
  return operator?.length === 1 && textOf(operator[0]!) === '=';
}

/** That a term equals one of the others. */
interface Equality {
  readonly term: Node;
  readonly others: readonly Node[];
  /** Whether there is but one other, so that it equals the term as well. */
  readonly isMutual: boolean;
}

function equalitiesOf({ kind, name, lexpr, rexpr }: A_Expr): Equality[] {
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
function termsOf(node: Node): Node[] {
  return 'RowExpr' in node ? (node.RowExpr.args ?? []) : [node];
}

/** Which source a name means: the innermost one that has such a column, as in PostgreSQL. */
function find(names: readonly string[], level: Level): { source: Source | undefined; column: string } {
  const column = names.at(-1)!;
  const alias = names.at(-2);
  for (let at: Level | undefined = level; at !== undefined; at = at.outer) {
    const source = at.sources.find(({ name, columns }) =>
      alias === undefined ? columns?.includes(column) : name === alias,
    );
    if (source !== undefined) return { source, column };
    // It may be a column of what has unknown ones.
    if (alias === undefined && at.sources.some(({ columns }) => columns === undefined)) break;
  }
  return { source: undefined, column };
}

function renamed(columns: readonly Column[], names: readonly string[] | undefined): Column[] {
  return columns.map(({ name, isBound }, place) => ({ name: names?.[place] ?? name, isBound }));
}

function addBound(bound: Set<string>, columns: readonly Column[]): Set<string> {
  const repeated = new Set<string>();
  for (const { name } of columns) if (columns.filter((column) => column.name === name).length > 1) repeated.add(name);
  for (const { name, isBound } of columns) if (isBound && !repeated.has(name)) bound.add(name);
  return bound;
}

function columnReference(source: string, column: string): Node {
  return { ColumnRef: { fields: [{ String: { sval: source } }, { String: { sval: column } }] } };
}

function columnsOf(alias: Alias | undefined, definitions: Node[] | undefined): string[] | undefined {
  if (definitions !== undefined) {
    return definitions.map((column) => ('ColumnDef' in column ? column.ColumnDef.colname! : UNNAMED));
  }
  // Of a function that returns single values, the alias also names the column.
  return alias?.colnames?.map(textOf) ?? (alias?.aliasname === undefined ? undefined : [alias.aliasname]);
}

function nameOf({ funcname = [] }: FuncCall): string {
  return textOf(funcname.at(-1)!);
}

/** What a call of `unnest` takes apart; of another function, what nothing is known of. */
function arraysOf(call: FuncCall): readonly Node[] {
  return nameOf(call) === 'unnest' && call.args !== undefined ? call.args : [UNKNOWN];
}

function nameOfValue(value: Node | undefined): string {
  if (value === undefined) return UNNAMED;
  if ('ColumnRef' in value) return namesOf(value.ColumnRef.fields).at(-1) ?? UNNAMED;
  if ('FuncCall' in value) return nameOf(value.FuncCall);
  return 'TypeCast' in value ? nameOfValue(value.TypeCast.arg) : UNNAMED;
}

function namesOf(fields: Node[] | undefined): string[] {
  return (fields ?? []).filter((field) => 'String' in field).map(textOf);
}

function textOf(node: Node): string {
  return 'String' in node ? (node.String.sval ?? '') : '';
}

/** Every mention of a table, or of what could be one, at any depth. */
function relationsOf(node: unknown): RangeVar[] {
  if (typeof node !== 'object' || node === null) return [];
  // `for update of` names what the query has already.
  const inner = Object.entries(node).flatMap(([key, value]) => (key === 'lockedRels' ? [] : relationsOf(value)));
  return 'relname' in node ? [node as RangeVar, ...inner] : inner;
}

function createFunctionOf(definition: string): CreateFunctionStmt {
  const statement = parseSync(definition).stmts?.[0]?.stmt;
  if (statement === undefined || !('CreateFunctionStmt' in statement)) throw new Error('This is no create function');
  return statement.CreateFunctionStmt;
}

function optionOf(options: Node[], name: string): string[] {
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
function statementsOfPlPgSql(definition: string): string[] {
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
