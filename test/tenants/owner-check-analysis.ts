import {
  type CommonTableExpr,
  type DeleteStmt,
  type FuncCall,
  type InsertStmt,
  type JoinExpr,
  type Node,
  parseSync,
  type RangeFunction,
  type RangeVar,
  type SelectStmt,
  type UpdateStmt,
  type WithClause,
} from 'libpg-query';
import {
  addBound,
  Bindings,
  type Column,
  type Level,
  type Queries,
  renamed,
  type Source,
} from './owner-check-bindings.js';
import {
  arraysOf,
  columnReference,
  columnsOf,
  EQUALS,
  nameOf,
  relationsOf,
  textOf,
  UNKNOWN,
  UNNAMED,
} from './owner-check-syntax.js';
import type { Finding, OwnedSchema } from './owner-check.js';

/** Their tables belong to nobody. */
const SYSTEM_SCHEMAS = ['pg_catalog', 'information_schema'];

/** Finds in statements what reaches rows whose owner no parameter names. */
export class Analysis {
  readonly findings: Finding[] = [];
  readonly subjects = new Set<string>();
  private readonly understood = new Set<object>();
  private readonly bindings: Bindings;

  constructor(
    private readonly schema: OwnedSchema,
    variables: ReadonlySet<string>,
  ) {
    this.bindings = new Bindings(variables, (query, level) => this.query(query, level, level.queries, false));
  }

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
        isBound: rows.every((row) => row[place] !== undefined && this.bindings.isBound(row[place], level)),
      }));
    }
    this.solve(level, select.fromClause, select.whereClause, isFinal);
    if (isFinal) this.visit({ ...select, fromClause: undefined, whereClause: undefined, withClause: undefined }, level);
    return this.bindings.columns(select.targetList, level);
  }

  private update(update: UpdateStmt, outer: Level | undefined, visible: Queries, isFinal: boolean): Column[] {
    const queries = this.with(update.withClause, outer, visible, isFinal);
    const level: Level = { outer, sources: [], conditions: [], queries };
    this.solve(level, [{ RangeVar: update.relation! }, ...(update.fromClause ?? [])], update.whereClause, isFinal);
    if (isFinal) {
      this.visit([update.targetList, update.returningClause], level);
      this.requireSameOwner(update.relation!, update.targetList, level);
    }
    return this.bindings.columns(update.returningClause?.exprs, level);
  }

  private delete(remove: DeleteStmt, outer: Level | undefined, visible: Queries, isFinal: boolean): Column[] {
    const queries = this.with(remove.withClause, outer, visible, isFinal);
    const level: Level = { outer, sources: [], conditions: [], queries };
    this.solve(level, [{ RangeVar: remove.relation! }, ...(remove.usingClause ?? [])], remove.whereClause, isFinal);
    if (isFinal) this.visit(remove.returningClause, level);
    return this.bindings.columns(remove.returningClause?.exprs, level);
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
    return this.bindings.columns(insert.returningClause?.exprs, level);
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
      for (const { expression, restricted } of level.conditions) this.bindings.apply(expression, restricted, level);
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
        if (column !== undefined && this.bindings.isBound(array, level)) bound.add(column);
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

  private requireSameOwner(relation: RangeVar, assignments: Node[] | undefined, level: Level): void {
    const owners = this.schema.tables[relation.relname!]?.owners ?? [];
    for (const assignment of assignments ?? []) {
      const { name, val } = (assignment as { ResTarget: { name?: string; val?: Node } }).ResTarget;
      if (owners.includes(name!) && !this.bindings.isBound(val!, level)) {
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
    if (owner === undefined || !this.bindings.isBound(owner, level))
      this.report(name, 'gets an owner that no parameter names');
  }

  private ownersOf({ table }: Source): readonly string[] {
    return table === undefined ? [] : this.schema.tables[table]!.owners;
  }

  private report(subject: string, problem: string): void {
    this.findings.push({ subject, problem });
  }
}
