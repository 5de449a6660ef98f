import { loadModule, parsePlPgSQLSync, parseSync } from 'libpg-query';

await loadModule();

/** A statement, and where it stands. */
export interface FoundStatement {
  readonly where: string;
  readonly text: string;
}

/** The tables of a statement's owner, and the column that names the owner in each. */
export const PLACED_BY: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  organization: {
    organizations: 'id',
    members: 'organization_id',
    organization_settings: 'organization_id',
    organization_changes: 'organization_id',
    organizations_to_thin: 'organization_id',
    invitations: 'organization_id',
  },
  user: {
    users: 'id',
    user_settings: 'user_id',
    user_changes: 'user_id',
    users_to_thin: 'user_id',
    event_reads: 'user_id',
    user_subjects: 'subject',
  },
};

/** Of these tables each node has a copy. */
export const COPIED = ['service_accounts', 'operator_changes', 'migrations', 'schema_functions'];

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

function usedBy(tree: unknown): { tables: string[]; functions: string[]; hasChangeInWith: boolean } {
  const tables = new Set<string>();
  const functions = new Set<string>();
  let hasChangeInWith = false;
  walk(tree, (kind, node) => {
    if (kind === 'relation' || kind === 'RangeVar') if ('relname' in node) tables.add(String(node['relname']));
    if (kind === 'FuncCall') functions.add(nameOf(node['funcname']));
    if (kind === 'CommonTableExpr') {
      walk(node, (inner) => (hasChangeInWith ||= ['InsertStmt', 'UpdateStmt', 'DeleteStmt'].includes(inner)));
    }
  });
  const withNames = new Set<string>();
  walk(tree, (kind, node) => kind === 'CommonTableExpr' && withNames.add(String(node['ctename'])));
  return { tables: [...tables].filter((name) => !withNames.has(name)), functions: [...functions], hasChangeInWith };
}

/** The statements of a PL/pgSQL function, and the expressions that it evaluates. */
export function statementsOfFunction(file: string, definition: string): FoundStatement[] {
  const found: FoundStatement[] = [];
  walk(parsePlPgSQLSync(definition), (kind, node) => {
    if (kind !== 'PLpgSQL_expr') return;
    const text = String(node['query']);
    const statement = /^\s*(select|insert|update|delete|with)\b/i.test(text)
      ? text
      : `select ${text.replace(/^.*?:=/s, '')}`;
    found.push({ where: file, text: statement });
  });
  return found;
}

/** What keeps a statement from being one task of one node of a distributed PostgreSQL (docs/scaling.md). */
export function refusedShapes({ text }: FoundStatement, readers: ReadonlySet<string>): string[] {
  const tree = parseSync(text);
  const { tables, functions, hasChangeInWith } = usedBy(tree);
  const owned = tables.filter((table) => !COPIED.includes(table));
  const problems: string[] = [];
  if (functions.includes('nextval')) problems.push('takes a number of a sequence, which other nodes do not have');
  if (hasChangeInWith) problems.push('changes rows in a common table expression');
  if (owned.length > 0 && functions.includes('unnest') && /\$\d+/.test(text)) problems.push('is about many owners');
  const inner = functions.filter((name) => readers.has(name));
  if (owned.length > 0 && inner.length > 0)
    problems.push(`calls ${inner.join(', ')}, which reads tables, beside a table`);
  const placements = new Set(
    owned.map((table) => Object.entries(PLACED_BY).find(([, of]) => table in of)?.[0] ?? `no owner (${table})`),
  );
  if (placements.size > 1) problems.push(`joins what is placed by ${[...placements].join(' and ')}`);
  return problems;
}

/** The tables that a statement reads or changes. */
export function tablesOf({ text }: FoundStatement): string[] {
  return usedBy(parseSync(text)).tables;
}
