import type { Action, Document, JsonObject, Request } from './document-model.js';
import type { Layer } from './policy-model.js';
import type { Random } from './random.js';

/** The keys are few, so that clients meet. */
const NAMES = ['a', 'b', 'c'];
const PATHS = ['a', 'b', 'c', 'n', 's', 's.x', 's.y', 's.deep', 's.deep.z', 'dotted.key', 'dotted\\.key', 'none'];
const POINTERS = ['/a', '/b', '/s/x', '/s/deep/z', '/dotted.key'];

/** How often the settings begin anew: often enough to stay small. */
const REPLACE_WEIGHT = 7;

/**
 * Chooses what one client asks next: all kinds of request with and without preconditions, on few keys. Most values are
 * written once only, so that whoever reads one knows where it comes from; some are written again and again, so that
 * changes without a difference happen.
 */
export class Workload {
  private written = 0;

  /** @param client makes the values that it writes different from those of other clients */
  constructor(
    private readonly random: Random,
    private readonly client: number,
  ) {}

  /** @param seen the document as this client saw it last */
  next(seen: Document): Request {
    const action = this.action(seen);
    return { ...action, ...this.preconditions(action, seen.version) };
  }

  /**
   * The same of a policy: rules and locks on the keys that settings have, which other policies contradict.
   *
   * @param layers for which it may have rules
   */
  nextOfPolicy(seen: Document, layers: readonly Layer[]): Request {
    const { random } = this;
    const choose = random.weighted<() => Action>([
      [4, () => ({ kind: 'read' })],
      [6, () => ({ kind: 'replace', settings: this.policy(layers) })],
      [1, () => ({ kind: 'delete' })],
      [2, () => ({ kind: 'merge-patch', patch: { enforcement: random.pick(['enforce', 'warn', 'off']) } })],
      [2, () => ({ kind: 'json-patch', patch: [{ op: 'remove', path: '/locks' }] })],
    ]);
    const action = choose();
    return { ...action, ...this.preconditions(action, seen.version) };
  }

  private policy(layers: readonly Layer[]): JsonObject {
    const { random } = this;
    const rule = (): JsonObject => {
      const required = [...new Set(this.some([...NAMES, 'dotted.key']))];
      return random.chance(0.3) ? { required } : { not: { required } };
    };
    return {
      ...(random.chance(0.4) && { locks: { [`/${random.pick(NAMES)}`]: {} } }),
      schema: Object.fromEntries(layers.map((layer) => [layer, rule()])),
      ...(random.chance(0.2) && { enforcement: 'warn' }),
    };
  }

  private action({ settings }: Document): Action {
    const { random } = this;
    const choose = random.weighted<() => Action>([
      [22, () => ({ kind: 'read' })],
      [24, () => ({ kind: 'merge', patch: this.part() })],
      [REPLACE_WEIGHT, () => ({ kind: 'replace', settings: { n: 0, log: [], ...this.part() } })],
      [12, () => ({ kind: 'delete-keys', keys: this.some(PATHS) })],
      [9, () => ({ kind: 'merge-patch', patch: this.partWithNulls() })],
      [10, () => ({ kind: 'json-patch', patch: [{ op: 'add', path: '/log/-', value: this.value() }] })],
      [10, () => this.compareAndSet(settings)],
      [
        6,
        () => {
          const path = random.pick(POINTERS);
          const op = random.pick(['add', 'replace', 'remove'] as const);
          return { kind: 'json-patch', patch: [op === 'remove' ? { op, path } : { op, path, value: this.value() }] };
        },
      ],
    ]);
    return choose();
  }

  /** One more, if nobody else was faster; the second operation must not stay when the third does not fit. */
  private compareAndSet({ n }: JsonObject): Action {
    const count = typeof n === 'number' ? n : 0;
    return {
      kind: 'json-patch',
      patch: [
        { op: 'add', path: '/by', value: this.value() },
        { op: 'test', path: '/n', value: count },
        { op: 'replace', path: '/n', value: count + 1 },
      ],
    };
  }

  private preconditions({ kind }: Action, version: number): Pick<Request, 'ifMatch' | 'ifNoneMatch'> {
    const { random } = this;
    const versions = () => (random.chance(0.3) ? [Math.max(0, version - 1), version] : [version]);
    if (kind === 'read' ? random.chance(0.4) : random.chance(0.06)) {
      return { ifNoneMatch: random.chance(0.1) ? '*' : versions() };
    }
    if (random.chance(kind === 'read' ? 0.05 : 0.15)) return { ifMatch: random.chance(0.1) ? '*' : versions() };
    return {};
  }

  /** One to three members, some of them nested. */
  private part(): JsonObject {
    const { random } = this;
    const part: JsonObject = {};
    for (const name of this.some([...NAMES, 's', 'dotted.key'])) {
      part[name] = name === 's' && random.chance(0.9) ? this.nested() : this.value();
    }
    return part;
  }

  private nested(): JsonObject {
    return this.random.pick<() => JsonObject>([
      () => ({ x: this.value() }),
      () => ({ y: this.value() }),
      () => ({ x: this.value(), deep: { z: this.value() } }),
      () => ({ deep: {} }),
    ])();
  }

  private partWithNulls(): JsonObject {
    const { random } = this;
    return Object.fromEntries(
      Object.entries(this.part()).map(([name, value]) => [
        name,
        random.chance(0.3) ? null : random.chance(0.2) ? { x: null, y: this.value() } : value,
      ]),
    );
  }

  private some(names: readonly string[]): string[] {
    return Array.from({ length: this.random.between(1, 3) }, () => this.random.pick(names));
  }

  private value(): number | null {
    if (this.random.chance(0.15)) return this.random.pick([0, 1, null]);
    return ++this.written * 100 + this.client;
  }
}
