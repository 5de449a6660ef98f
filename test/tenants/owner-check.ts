import { Analysis } from './owner-check-analysis.js';
import { createFunctionOf, optionOf, statementsOfPlPgSql } from './owner-check-syntax.js';

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
