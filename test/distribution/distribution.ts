/** How a table is spread over the nodes of a cluster. */
export interface Placement {
  readonly table: string;
  /** Which node has a row; `null`: each node has all of them. */
  readonly column: string | null;
  /** The table whose rows of the same value lie on the same node; `null` for one with which others are placed. */
  readonly with: string | null;
}

/** What PostgreSQL's catalog says of the tables. */
export interface Catalog {
  /** The type of each column. */
  readonly tables: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Primary keys, unique constraints and other unique indexes. */
  readonly uniques: readonly { name: string; table: string; columns: string[] }[];
  readonly foreignKeys: readonly { name: string; table: string; columns: string[]; to: string; toColumns: string[] }[];
}

/** What the script's list says, in its order. */
export function placementsOf(script: string): Placement[] {
  const rows = script.matchAll(/^ {2}\('(\w+)', (?:null|'(\w+)'), (?:null|'(\w+)')\)[,;]$/gm);
  return [...rows].map(([, table, column, other]) => ({
    table: table!,
    column: column ?? null,
    with: other === undefined || other === 'none' ? null : other,
  }));
}

/**
 * What stands in the way of placing the tables so; Citus would refuse it, or a statement about one owner ask several
 * nodes.
 */
export function obstacles(placements: readonly Placement[], { tables, uniques, foreignKeys }: Catalog): string[] {
  const found: string[] = [];
  const placed = new Map<string, Placement>();
  for (const placement of placements) {
    const { table, column, with: other } = placement;
    if (placed.has(table)) found.push(`${table} is placed twice`);
    placed.set(table, placement);
    if (tables[table] === undefined) found.push(`there is no table ${table}`);
    else if (column !== null && tables[table][column] === undefined) found.push(`${table} has no column ${column}`);
    if (other === null) continue;
    const beside = placed.get(other);
    if (beside === undefined) found.push(`${table} is placed with ${other}, which is not placed before`);
    else if (tables[other]?.[beside.column!] !== tables[table]?.[column!]) {
      found.push(`${table} and ${other} are placed by columns of different types`);
    }
  }
  for (const table of Object.keys(tables)) if (!placed.has(table)) found.push(`${table} is not placed`);

  for (const { name, table, columns } of uniques) {
    const column = placed.get(table)?.column ?? null;
    if (column !== null && !columns.includes(column)) found.push(`${name} of ${table} lacks ${column}`);
  }
  const order = [...placed.keys()];
  for (const { name, table, columns, to, toColumns } of foreignKeys) {
    const [from, target] = [placed.get(table), placed.get(to)];
    if (from === undefined || target === undefined) continue;
    if (order.indexOf(to) > order.indexOf(table)) found.push(`${name} needs ${to} to be placed before ${table}`);
    if (target.column === null) continue;
    const isOnColumn = from.column !== null && toColumns[columns.indexOf(from.column)] === target.column;
    if (!isOnColumn || (from.with ?? from.table) !== (target.with ?? target.table)) {
      found.push(`${name} leads from ${table} to rows of ${to} on other nodes`);
    }
  }
  return found;
}
