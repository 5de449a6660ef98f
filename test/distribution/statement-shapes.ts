import ts from 'typescript';
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
    organization_documents: 'organization_id',
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
export const COPIED = [
  'service_accounts',
  'operator_changes',
  'system_documents',
  'policies_in_force',
  'migrations',
  'schema_functions',
];

/** They run on the coordinator, and reach other owners' rows there. None is on the way of a request for settings. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  invitation_claim: 'delivers an invitation of an organization to a user, if that is still to be done',
  member_change: 'changes a user and their membership in one',
  member_create: 'makes a user and their membership in one',
  member_get: 'shows a user of an organization',
  member_list: 'shows the users of an organization',
  take_email: "gives an email to one user, which may have been another's",
  user_link: 'finds the user who was invited to an organization by an email',
  user_move: 'moves a user from one organization to another',
  user_set_email: 'gives a user another email, which nobody else may have',
  user_validate: 'looks whether the email is still theirs',
  erase_user: 'takes the name of an erased user out of every organization',
  prune_impacts: 'takes back the marks of all who read about them',
  prune_organization_versions: 'takes back the marks of all who read a version that goes',
  prune_user_versions: 'takes back the marks of all who read a version that goes',
};

/** Statements that ask all nodes, or are refused; none is on the way of a request for settings or a profile. */
export const ASK_ALL_NODES: Readonly<Record<string, string>> = {
  'history.repository: FIND_OF_ORGANIZATION': 'shows operators what was changed in an organization and by its members',
  'history.repository: FIND_OF_SYSTEM': 'shows operators what belongs to no organization',
  'history-thinner.repository: organization': 'finds whose versions take more than the quota, every ten seconds',
  'history-thinner.repository: user': 'finds whose versions take more than the quota, every ten seconds',
  'invitation.repository: FIND_DUE': 'finds the invitations to deliver, in the background',
  'invitation.repository: READ_QUEUE': 'counts the invitations that wait, for the metrics',
  'invitation.repository: FIND_PRUNABLE': 'finds old invitations, once a day',
  'settings-version.repository: owners': 'finds old versions, once a day',
  'organization-list.repository: organizations': 'lists all organizations, for service accounts',
  'organization-list.repository: organizations-changed': 'lists all that changed, for service accounts',
  'effective-settings.repository: effective-settings-read': 'is two statements there, for each owner one',
  'impact.repository: impact-member-count': 'asks whom a change of the system would touch',
  'impact.repository: impact-organizations': 'asks whom a change of the system would touch',
  'settings-batch.repository: settings-batch': 'reads many documents at once, for service accounts',
  'system-event.repository: events': "unites an organization's changes with its members'",
  'system-event.repository: events-count': 'counts the same',
  'system-event.repository: events-visible': 'looks whether a caller may see what they mark as read',
  'all-changes.repository: changes-recent': 'watches all organizations, every second for an instance',
  'all-changes.repository: changes-since': 'watches all organizations, every second for an instance',
  'watch.repository: watched-organizations': 'reads the versions of all that is watched, every second for an instance',
  'watch.repository: watched-users': 'reads the versions of all that is watched, every second for an instance',
};

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
