import type { Policy } from './policy-types.js';

type Json = null | boolean | number | string | Json[] | Members;
interface Members {
  [name: string]: Json;
}

/** The locks below one place, by the next step of their pointers. */
interface Locks {
  isLocked: boolean;
  reason: string | undefined;
  readonly below: Map<string, Locks>;
}

/** A member of an object type. */
interface Member {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly comment: readonly string[];
}

const INDENT = '  ';

const HEADER = `/**
 * The settings of this deployment, as the policy of its system has them. Written by "npx @flashback/client types": do
 * not edit.
 */
`;

/** Keywords that say which kinds of values are meant, where `type` does not. */
const OF_OBJECTS = ['properties', 'patternProperties', 'additionalProperties', 'unevaluatedProperties', 'required'];
const OF_ARRAYS = ['items', 'prefixItems'];

/** Keywords that hold further schemas for the same value. */
const COMBINING = ['$ref', 'allOf', 'anyOf', 'oneOf', 'then', 'else', 'dependentSchemas'];

const LINE_BREAK = /\r\n|[\n\r\u2028\u2029]/;

/**
 * The types of a deployment's settings, as the text of a TypeScript module.
 *
 * A property that no schema names is an error, unless `additionalProperties` allows it, and what the system locks is
 * `never`. Types are wider than what a schema says with `not`, `if`, numbers, lengths, patterns and formats.
 *
 * @param policy that of the system
 * @throws Error for a `$ref` that cannot be decoded
 */
export function settingsDeclarations({ locks: given = {}, schema: schemas = {} }: Policy): string {
  const { organization, user } = schemas as { organization?: Members; user?: Members };
  const locks = locksOf(given);
  for (const schema of [organization, user]) if (schema !== undefined) addReadOnly(schema, locks);
  const ofOrganization = new SchemaTypes('Organization', organization ?? {});
  const ofUser = new SchemaTypes('User', user ?? {});
  const views = [ofUser, ofOrganization]
    .filter(({ root }) => Object.keys(root).length > 0)
    .map((types) => ({ types, schema: types.root }));
  const defaults = merged(defaultOf(user), defaultOf(organization));
  const effective = views.length === 0 ? OPEN : effectiveType(views, defaults, locks, '');
  const declarations = [
    declaration('OrganizationSettings', ofOrganization.rootType(locks), [
      ...commentOfLock(locks),
      'What an organization may set.',
    ]),
    declaration('UserSettings', ofUser.rootType(locks), [...commentOfLock(locks), 'What a user may set.']),
    declaration('EffectiveSettings', effective, [
      ...commentOfLock(locks),
      'What applies to a user. Without the layer of users, defaults for them are absent.',
    ]),
    declaration(
      'DeploymentSettings',
      '{\n  organization: OrganizationSettings;\n  user: UserSettings;\n  effective: EffectiveSettings;\n}',
      ['For `new FlashbackClient<DeploymentSettings>(…)`.'],
    ),
    ...ofOrganization.named.values(),
    ...ofUser.named.values(),
  ];
  return `${HEADER}\n${declarations.join('\n')}`;
}

const OPEN = '{\n  [key: string]: unknown;\n}';

/** The further schemas for the same value that stand in one, but for `$ref`. */
function combinedBy({ allOf, anyOf, oneOf, then, else: otherwise, dependentSchemas }: Members): (Json | undefined)[] {
  return [...[allOf, anyOf, oneOf].flatMap(asList), then, otherwise, ...Object.values(asMembers(dependentSchemas))];
}

/** The types of one schema, and of what it defines for itself. */
class SchemaTypes {
  /** Declarations of what stands under `$defs`, as far as something refers to it. */
  readonly named = new Map<string, string>();
  readonly #names = new Map<string, string>();

  constructor(
    private readonly prefix: string,
    readonly root: Members,
  ) {}

  rootType(locks: Locks): string {
    if (locks.isLocked) return '{\n  [key: string]: never;\n}';
    const type = this.typeOf(this.root, locks, '');
    return type === 'unknown' ? OPEN : type;
  }

  /**
   * @param indent of the line that the type stands in
   * @param isPart whether another schema, for the same value, says which names there may be
   */
  typeOf(schema: Json | undefined, locks: Locks, indent: string, isPart = false): string {
    if (schema === false) return 'never';
    if (!isObject(schema)) return this.typeOf({}, locks, indent, isPart);
    const { then, else: otherwise, dependentSchemas } = schema;
    const hasNames = [schema, ...asList(schema['allOf'])].some(
      (one) => isObject(one) && one['properties'] !== undefined,
    );
    const partOf = (one: Json) => this.typeOf(one, locks, indent, isPart || hasNames);
    const parts = [
      this.#ownType(schema, locks, indent, isPart || hasNames),
      this.#referredType(schema, locks, indent),
      ...asList(schema['allOf']).map(partOf),
    ];
    for (const ways of [schema['anyOf'], schema['oneOf']]) {
      if (ways !== undefined) parts.push(unionOf(asList(ways).map(partOf)));
    }
    const conditional = [
      [then, otherwise],
      ...Object.values(asMembers(dependentSchemas)).map((one) => [one, undefined]),
    ];
    for (const branches of conditional) {
      if (branches.every((one) => one === undefined)) continue;
      // Where nothing is said, everything is allowed, and no name is taken away.
      parts.push(unionOf(branches.map((one) => (one === undefined ? '{}' : partOf(one)))));
    }
    const known = [...new Set(parts)].filter((part) => part !== 'unknown');
    if (known.includes('never')) return 'never';
    if (known.length > 0) return known.length === 1 ? known[0]! : known.map(inParentheses).join(' & ');
    if (locks.below.size === 0) return 'unknown';
    return isPart ? lockedType(locks, indent) : this.#objectType({}, locks, indent, false);
  }

  /** What a schema says without those that it refers to or combines. */
  #ownType(schema: Members, locks: Locks, indent: string, isPart: boolean): string {
    if (schema['const'] !== undefined) return literalOf(schema['const']);
    if (schema['enum'] !== undefined) return unionOf(asList(schema['enum']).map(literalOf));
    const has = (keywords: readonly string[]) => keywords.some((keyword) => schema[keyword] !== undefined);
    const implied = [...(has(OF_OBJECTS) ? ['object'] : []), ...(has(OF_ARRAYS) ? ['array'] : [])];
    const { type = implied } = schema;
    const kinds = typeof type === 'string' ? [type] : asList(type);
    if (kinds.length === 0) return 'unknown';
    // Without names of its own, the names are those of what it combines.
    if (kinds.length === 1 && kinds[0] === 'object' && (isPart || has(COMBINING)) && !has(OF_OBJECTS)) return 'unknown';
    return unionOf(
      kinds.map((kind) => {
        if (kind === 'object') return this.#objectType(schema, locks, indent, isPart);
        if (kind === 'array') return this.#arrayType(schema, indent);
        return kind === 'integer' ? 'number' : (kind as string);
      }),
    );
  }

  #referredType(schema: Members, locks: Locks, indent: string): string {
    const key = this.#referredKey(schema);
    if (key === undefined) return 'unknown';
    let name = this.#names.get(key);
    if (name === undefined) {
      const definition = this.#definition(key);
      name = this.#newName(key);
      this.#names.set(key, name);
      const type = this.#isCircular(key) ? 'unknown' : this.typeOf(definition, NO_LOCKS, '');
      this.named.set(name, declaration(name, type, commentOf(definition)));
    }
    return locks.below.size > 0 ? `${name} & ${lockedType(locks, indent)}` : name;
  }

  /** Whether a definition refers to itself for the same value, also through others: no value ends a check of that. */
  #isCircular(key: string): boolean {
    const reached = new Set<string>();
    const pending = [this.#definition(key)];
    while (pending.length > 0) {
      const schema = pending.pop();
      if (!isObject(schema)) continue;
      pending.push(...combinedBy(schema));
      const next = this.#referredKey(schema);
      if (next === key) return true;
      if (next === undefined || reached.has(next)) continue;
      reached.add(next);
      pending.push(this.#definition(next));
    }
    return false;
  }

  #definition(key: string): Json | undefined {
    return memberOf(asMembers(this.root['$defs']), key);
  }

  /** Under which name of `$defs` that stands which a schema refers to. */
  #referredKey({ $ref }: Members): string | undefined {
    const [, encoded] = /^#\/\$defs\/(.*)$/.exec(typeof $ref === 'string' ? $ref : '') ?? [];
    if (encoded === undefined) return undefined;
    const key = unescapeStep(this.#decoded(encoded));
    return this.#definition(key) === undefined ? undefined : key;
  }

  #decoded(encoded: string): string {
    try {
      return decodeURIComponent(encoded);
    } catch {
      const place = `/schema/${this.prefix.toLowerCase()}`;
      throw new Error(`${place} has the $ref "#/$defs/${encoded}", which is not percent-encoded UTF-8`);
    }
  }

  #newName(key: string): string {
    const words = key.split(/[^A-Za-z0-9]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
    const name = this.prefix + words.join('');
    const taken = [...this.#names.values(), 'OrganizationSettings', 'UserSettings'];
    for (let n = 2, free = name; ; free = `${name}${n++}`) if (!taken.includes(free)) return free;
  }

  #objectType(schema: Members, locks: Locks, indent: string, isPart: boolean): string {
    const inner = indent + INDENT;
    const properties = asMembers(schema['properties']);
    const required = new Set(asList(schema['required']).map(String));
    const rest = this.indexTypes(schema, inner, isPart);
    const members: Member[] = [];
    const isNamed = (name: string) => Object.hasOwn(properties, name);
    const others = [...required, ...(rest.length > 0 ? locks.below.keys() : [])].filter((name) => !isNamed(name));
    for (const name of [...Object.keys(properties), ...new Set(others)]) {
      const lock = locks.below.get(name);
      const property = memberOf(properties, name);
      const type = lock?.isLocked ? 'never' : this.typeOf(property, lock ?? NO_LOCKS, inner);
      const isRequired = required.has(name) && type !== 'never';
      members.push({ name, type, isRequired, comment: [...commentOfLock(lock), ...commentOf(property)] });
    }
    return isPart && members.length + rest.length === 0 ? '{}' : objectOf(members, rest, indent);
  }

  /** The types of what is not named; none where nothing else may be there. */
  indexTypes(schema: Members, indent: string, isPart = false): string[] {
    const { properties, patternProperties, additionalProperties = schema['unevaluatedProperties'] } = schema;
    const patterns = Object.values(asMembers(patternProperties));
    const isOpen = !isPart && patterns.length === 0 && !hasMembers(properties);
    const rest = additionalProperties ?? isOpen;
    return [...patterns, ...(rest === false ? [] : [rest])].map((one) => this.typeOf(one, NO_LOCKS, indent));
  }

  #arrayType({ items, prefixItems, minItems }: Members, indent: string): string {
    const rest = this.typeOf(items, NO_LOCKS, indent);
    const elements = `${inParentheses(rest)}[]`;
    if (prefixItems === undefined) return elements;
    const first = asList(prefixItems).map((one, index) => {
      const type = this.typeOf(one, NO_LOCKS, indent);
      return index < Number(minItems ?? 0) ? type : `${inParentheses(type)}?`;
    });
    return `[${[...first, ...(rest === 'never' ? [] : [`...${elements}`])].join(', ')}]`;
  }
}

/** What locks take away from a type that is written elsewhere. */
function lockedType(locks: Locks, indent: string): string {
  const inner = indent + INDENT;
  const members = [...locks.below].map(([name, lock]): Member => {
    const type = lock.isLocked ? 'never' : lockedType(lock, inner);
    return { name, type, isRequired: false, comment: commentOfLock(lock) };
  });
  return objectOf(members, [], indent);
}

/** A schema at one place, and the types of the whole that it belongs to. */
interface View {
  readonly types: SchemaTypes;
  readonly schema: Json;
}

/**
 * The type of what applies at one place, where the value may be of either layer.
 *
 * @param given the value that the schemas give by default
 */
function effectiveType(views: readonly View[], given: Json | undefined, locks: Locks, indent: string): string {
  const objects = views.flatMap(({ types, schema }) => (isPlainObject(schema) ? [{ types, schema }] : []));
  if (objects.length < views.length) {
    return unionOf(views.map(({ types, schema }) => types.typeOf(schema, NO_LOCKS, indent)));
  }
  const inner = indent + INDENT;
  const names = new Set(objects.flatMap(({ schema }) => Object.keys(asMembers(schema['properties']))));
  const members = [...names].map((name): Member => {
    const below = objects.flatMap(({ types, schema }) => {
      const property = memberOf(asMembers(schema['properties']), name);
      return property === undefined ? [] : [{ types, schema: property }];
    });
    const lock = locks.below.get(name);
    const value = isObject(given) ? memberOf(given, name) : undefined;
    const type = effectiveType(below, value, lock ?? NO_LOCKS, inner);
    const comment = below.map(({ schema }) => commentOf(schema)).find((lines) => lines.length > 0) ?? [];
    return { name, type, isRequired: value !== undefined, comment: [...commentOfLock(lock), ...comment] };
  });
  return objectOf(
    members,
    objects.flatMap(({ types, schema }) => types.indexTypes(schema, inner)),
    indent,
  );
}

/** Whether a schema is of objects alone, and says what is in them by `properties`. */
function isPlainObject(schema: Json): schema is Members {
  if (!isObject(schema)) return false;
  const { type = 'object' } = schema;
  const isKnown = OF_OBJECTS.some((keyword) => schema[keyword] !== undefined) || schema['type'] === 'object';
  return (
    isKnown && type === 'object' && ![...COMBINING, 'const', 'enum'].some((keyword) => Object.hasOwn(schema, keyword))
  );
}

const NO_LOCKS: Locks = { isLocked: false, reason: undefined, below: new Map() };

function locksOf(given: NonNullable<Policy['locks']>): Locks {
  const root: Locks = { ...NO_LOCKS, below: new Map() };
  for (const [pointer, { reason }] of Object.entries(given)) {
    let node = root;
    for (const step of pointer.split('/').slice(1)) node = lockBelow(node, unescapeStep(step));
    node.isLocked = true;
    node.reason = reason;
  }
  return root;
}

function lockBelow(locks: Locks, name: string): Locks {
  const found = locks.below.get(name) ?? { ...NO_LOCKS, below: new Map() };
  locks.below.set(name, found);
  return found;
}

/** In a system's schema `readOnly` is a lock, where it is reached through `properties` alone. */
function addReadOnly(schema: Members, locks: Locks): void {
  if (schema['readOnly'] === true) locks.isLocked = true;
  for (const [name, property] of Object.entries(asMembers(schema['properties']))) {
    if (!isObject(property) || !hasReadOnly(property)) continue;
    addReadOnly(property, lockBelow(locks, name));
  }
}

function hasReadOnly(schema: Members): boolean {
  const below = Object.values(asMembers(schema['properties']));
  return schema['readOnly'] === true || below.some((property) => isObject(property) && hasReadOnly(property));
}

/** What a schema gives by `default`; that of an object goes before those of its properties. */
function defaultOf(schema: Json | undefined): Json | undefined {
  if (!isObject(schema)) return undefined;
  const members = Object.entries(asMembers(schema['properties'])).flatMap(([name, property]) => {
    const value = defaultOf(property);
    return value === undefined ? [] : [[name, value] as const];
  });
  return merged(schema['default'], members.length > 0 ? Object.fromEntries(members) : undefined);
}

function merged(near: Json | undefined, far: Json | undefined): Json | undefined {
  if (near === undefined) return far;
  if (!isObject(near) || !isObject(far)) return near;
  const both = Object.entries(near).map(([name, value]) => [name, merged(value, memberOf(far, name))!] as const);
  return { ...far, ...Object.fromEntries(both) };
}

function declaration(name: string, type: string, comment: readonly string[]): string {
  const isInterface = /^\{\n/.test(type) && !/^\}./m.test(type);
  const head = comment.length > 0 ? commentText(comment, '') : '';
  return isInterface ? `${head}export interface ${name} ${type}\n` : `${head}export type ${name} = ${type};\n`;
}

/** @param rest the types of what has no name */
function objectOf(members: readonly Member[], rest: readonly string[], indent: string): string {
  const inner = indent + INDENT;
  const lines = members.map(({ name, type, isRequired, comment }) => {
    const head = comment.length > 0 ? commentText(comment, inner) : '';
    return `${head}${inner}${keyOf(name)}${isRequired ? '' : '?'}: ${type};\n`;
  });
  if (rest.length > 0 || members.length === 0) {
    // An index signature must allow what the named members may be.
    const named = members.flatMap(({ type, isRequired }) => (isRequired ? [type] : [type, 'undefined']));
    const types = rest.length > 0 ? [...rest, ...named] : ['never'];
    lines.push(`${inner}[key: string]: ${types.includes('unknown') ? 'unknown' : unionOf(types)};\n`);
  }
  return `{\n${lines.join('')}${indent}}`;
}

function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function commentOf(schema: Json | undefined): string[] {
  if (!isObject(schema)) return [];
  const { title, description, deprecated } = schema;
  const lines = [title, description].flatMap((text) => (typeof text === 'string' ? text.split(LINE_BREAK) : []));
  if (schema['default'] !== undefined) lines.push(`@default ${JSON.stringify(schema['default'])}`);
  if (deprecated === true) lines.push('@deprecated');
  return lines.filter((line) => line.trim() !== '');
}

function commentOfLock(lock: Locks | undefined): string[] {
  if (lock === undefined || !lock.isLocked) return [];
  const text = `Locked by the system${lock.reason === undefined ? '' : `: ${lock.reason}`}`;
  return text.split(LINE_BREAK).filter((line) => line.trim() !== '');
}

function commentText(lines: readonly string[], indent: string): string {
  const safe = lines.map((line) => line.replaceAll('*/', '*\\/'));
  if (safe.length === 1) return `${indent}/** ${safe[0]} */\n`;
  return `${indent}/**\n${safe.map((line) => `${indent} * ${line}\n`).join('')}${indent} */\n`;
}

/** The type of one value. */
function literalOf(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(literalOf).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${keyOf(name)}: ${literalOf(member)}`);
  return members.length > 0 ? `{ ${members.join('; ')} }` : '{ [key: string]: never }';
}

function unionOf(types: readonly string[]): string {
  const distinct = [...new Set(types)].filter((type) => type !== 'never');
  if (distinct.length === 0) return 'never';
  return distinct.includes('unknown') ? 'unknown' : distinct.join(' | ');
}

/** A type as a part of another. */
function inParentheses(type: string): string {
  return / [|&] /.test(type) ? `(${type})` : type;
}

function isObject(value: Json | undefined): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasMembers(value: Json | undefined): boolean {
  return Object.keys(asMembers(value)).length > 0;
}

function asMembers(value: Json | undefined): Members {
  return isObject(value) ? value : {};
}

/** A member of its own, whatever name a prototype has, too. */
function memberOf(members: Members, name: string): Json | undefined {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

function asList(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function unescapeStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}
