import type { Node } from 'libpg-query';
import { arraysOf, equalitiesOf, isEquals, nameOfValue, namesOf, termsOf } from './owner-check-syntax.js';

/** What stands in a FROM list. */
export interface Source {
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
export interface Condition {
  readonly expression: Node;
  readonly restricted: readonly Source[];
}

/** One level of a query, inside of another. */
export interface Level {
  readonly outer: Level | undefined;
  readonly sources: Source[];
  readonly conditions: Condition[];
  readonly queries: Queries;
}

export interface Column {
  readonly name: string;
  readonly isBound: boolean;
}

/** The common table expressions that can be seen. */
export type Queries = ReadonlyMap<string, readonly Column[] | undefined>;

/** Which source a name means: the innermost one that has such a column, as in PostgreSQL. */
export function find(names: readonly string[], level: Level): { source: Source | undefined; column: string } {
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

export function renamed(columns: readonly Column[], names: readonly string[] | undefined): Column[] {
  return columns.map(({ name, isBound }, place) => ({ name: names?.[place] ?? name, isBound }));
}

export function addBound(bound: Set<string>, columns: readonly Column[]): Set<string> {
  const repeated = new Set<string>();
  for (const { name } of columns) if (columns.filter((column) => column.name === name).length > 1) repeated.add(name);
  for (const { name, isBound } of columns) if (isBound && !repeated.has(name)) bound.add(name);
  return bound;
}

/** Which columns and values can only be those that a parameter names. */
export class Bindings {
  /** @param columnsOfQuery the columns of a query inside of a level */
  constructor(
    private readonly variables: ReadonlySet<string>,
    private readonly columnsOfQuery: (query: Node, level: Level) => Column[],
  ) {}

  /** Takes from an expression that must hold which columns of the restricted sources are bound. */
  apply(expression: Node, restricted: readonly Source[], level: Level): void {
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
      const columns = this.columnsOfQuery(subselect!, level);
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
  isBound(node: Node, level: Level): boolean {
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
      return this.columnsOfQuery(subselect!, level)[0]?.isBound === true;
    }
    return false;
  }

  /** The columns that a list of expressions makes. */
  columns(targets: Node[] | undefined, level: Level): Column[] {
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
}
