import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { escapeStep, stepsOf } from '../common/json/json-text.js';
import { isSameValue, type JsonTree, lookUp, readMembers } from '../common/json/json-tree.js';
import type { WaitingParties } from '../database/parties.js';
import { foldDocuments, type FoldedSettings, type FoldQuestion, lengthOf, onlyText } from './folded-settings.js';
import type { Impact, ImpactQuestion } from './impact.js';
import { type CheckedLayer, type Lock, type Policy, type PolicyLayer, readPolicy } from './policy.js';
import { PolicySandbox } from './policy-sandbox.js';
import type { Violation } from './schema-validator.js';

/** A stored policy that binds a document. */
export interface BindingPolicy {
  readonly by: PolicyLayer;
  /** The organization to which it belongs; for the system, anything that is not an organization's id. */
  readonly ownerId: string;
  readonly text: string;
}

/** A change of a settings document, before it is stored. */
export interface ProposedChange {
  readonly layer: CheckedLayer;
  /** The document's text as it is; `null` before the first write. */
  readonly before: string | null;
  readonly after: string;
  readonly policies: readonly BindingPolicy[];
  /** For whom it is checked: `ownerId` is the organization, also of a user's document. */
  readonly parties: WaitingParties;
}

/** A rule that a change breaks, and whose it is. */
export interface BrokenRule extends Violation {
  readonly by: PolicyLayer;
}

export interface BrokenRules {
  readonly count: number;
  /** The first 100 of each policy. */
  readonly rules: readonly BrokenRule[];
}

export interface Judgement {
  /** The locks whose setting the change would give another value. If there is one, schemas are not looked at. */
  readonly locks: readonly Lock[];
  /** What enforced policies refuse, and what the others only warn of; new violations only. */
  readonly refused: BrokenRules;
  readonly warned: BrokenRules;
}

const NOTHING: BrokenRules = { count: 0, rules: [] };

/** So long, in UTF-16 code units, are documents and policies that are folded in a few milliseconds. */
const MAX_FOLDED_HERE = 64 * 1024;

/** How many policies are kept as read, and how long their texts may be in all. */
const MAX_POLICIES = 10_000;
const MAX_CHARACTERS = 16 * 1024 * 1024;

interface KnownPolicy {
  readonly id: number;
  readonly text: string;
  readonly policy: Policy;
}

/** Judges policies when they are stored, and changes of settings by the policies that bind them. */
@Injectable()
export class PolicyJudge implements OnApplicationShutdown {
  /** By owner. */
  private readonly known = new LRUCache<string, KnownPolicy>({
    max: MAX_POLICIES,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: ({ text }) => text.length + 1,
  });
  private lastId = 0;
  /** The ids of the schemas of policies that are no more than tried. */
  private readonly measured = new WeakMap<Policy, string>();

  constructor(private readonly sandbox: PolicySandbox) {}

  onApplicationShutdown(): Promise<void> {
    return this.sandbox.close();
  }

  /** A stored policy, as read. */
  read(policy: BindingPolicy): Policy {
    return this.recall(policy).policy;
  }

  /**
   * Checks a policy before it is stored, schemas too.
   *
   * @throws InvalidInputError names what is wrong by its JSON Pointer (RFC 6901)
   * @throws UnavailableError
   * @throws TimeExceededError
   */
  async requireValid(text: string, by: PolicyLayer, parties: WaitingParties): Promise<void> {
    const { schemas } = readPolicy(text, by);
    for (const [layer, schema] of Object.entries(schemas)) {
      const outcome = await this.sandbox.run(parties, { kind: 'compile', schema: { id: this.nextId(), text: schema } });
      if (outcome.status === 'too-much') throw tooLong();
      if (outcome.status === 'invalid') throw new InvalidInputError(`/schema/${layer}${outcome.detail}`);
    }
  }

  /**
   * @throws InvalidInputError when a check by an enforced policy does not end
   * @throws UnavailableError
   * @throws TimeExceededError
   */
  async judge({ layer, before, after, policies, parties }: ProposedChange): Promise<Judgement> {
    const binding = policies.map((policy) => this.recall(policy));
    const locks = binding
      .filter(({ policy }) => policy.by !== layer)
      .flatMap(({ policy }) => policy.locks)
      .sort((one, other) => Number(other.by === 'system') - Number(one.by === 'system'));
    const broken = locks.length === 0 ? [] : brokenLocks(locks, before ?? '{}', after);
    if (broken.length > 0) return { locks: broken, refused: NOTHING, warned: NOTHING };
    const checking = binding.filter(
      ({ policy }) => policy.enforcement !== 'off' && policy.schemas[layer] !== undefined,
    );
    if (checking.length === 0) return { locks: [], refused: NOTHING, warned: NOTHING };
    const outcome = await this.sandbox.run(parties, {
      kind: 'check',
      schemas: checking.map(({ id, policy }) => ({ id: `${id} ${layer}`, text: policy.schemas[layer]! })),
      before,
      after,
    });
    if (outcome.status !== 'checked') {
      if (checking.some(({ policy }) => policy.enforcement === 'enforce')) throw tooLong();
      return { locks: [], refused: NOTHING, warned: NOTHING };
    }
    const ofPolicies = (enforcement: 'warn' | 'enforce'): BrokenRules => {
      const found = outcome.found.map((one, at) => ({ ...one, policy: checking[at]!.policy }));
      const wanted = found.filter(({ policy }) => policy.enforcement === enforcement);
      return {
        count: wanted.reduce((sum, { count }) => sum + count, 0),
        rules: wanted.flatMap(({ policy: { by }, violations }) =>
          violations.map((violation) => ({ ...violation, by })),
        ),
      };
    };
    return { locks: [], refused: ofPolicies('enforce'), warned: ofPolicies('warn') };
  }

  /**
   * Works out whom a change touches, of some members.
   *
   * @param changed the policy that is changed, as it would be
   * @throws InvalidInputError when that takes too long
   * @throws UnavailableError
   * @throws TimeExceededError
   */
  async measure(question: ImpactQuestion, changed: Policy | undefined, parties: WaitingParties): Promise<Impact> {
    let id = changed && this.measured.get(changed);
    if (changed !== undefined && id === undefined) this.measured.set(changed, (id = this.nextId()));
    const schemas = Object.entries(changed?.schemas ?? {}).map(([layer, text]) => ({
      id: `${id} ${layer}`,
      text,
      layer: layer as CheckedLayer,
    }));
    const outcome = await this.sandbox.run(parties, { kind: 'impact', question, schemas });
    if (outcome.status === 'measured') return outcome.impact;
    throw schemas.length > 0 ? tooLong() : new InvalidInputError('the impact takes too long to work out');
  }

  /**
   * Finds the settings that apply. Large documents are read in a thread, one after the other.
   *
   * @throws InvalidInputError when the reasons would be too long
   * @throws UnavailableError
   * @throws TimeExceededError
   */
  async fold(question: FoldQuestion, parties: WaitingParties): Promise<FoldedSettings> {
    const only = onlyText(question);
    if (only !== undefined) return { settings: only };
    if (lengthOf(question) <= MAX_FOLDED_HERE) {
      return foldDocuments(question, (text, by) =>
        this.read({ by, ownerId: by === 'system' ? '' : parties.ownerId, text }),
      );
    }
    const outcome = await this.sandbox.run(parties, { kind: 'fold', question });
    if (outcome.status === 'invalid') throw new InvalidInputError(outcome.detail);
    if (outcome.status !== 'folded') throw new InvalidInputError('the settings are too large to be read together');
    return outcome.folded;
  }

  private recall({ by, ownerId, text }: BindingPolicy): KnownPolicy {
    const key = `${by} ${ownerId}`;
    const known = this.known.get(key);
    if (known?.text === text) return known;
    const read = { id: ++this.lastId, text, policy: readPolicy(text, by) };
    this.known.set(key, read);
    return read;
  }

  private nextId(): string {
    return String(++this.lastId);
  }
}

/** What a broken rule says: `/maxFileSize must match pattern "^[0-9]+GB$"`. */
export function textOf({ pointer, message }: Violation): string {
  return `${pointer === '' ? 'the document' : pointer} ${message}`;
}

function tooLong(): InvalidInputError {
  return new InvalidInputError('the policy takes too long to check');
}

/**
 * The locks under which a document has another value than before: at the pointer, below it, or in the place of an
 * object above it. Removing values is allowed.
 */
function brokenLocks(locks: readonly Lock[], before: string, after: string): Lock[] {
  if (before === after) return [];
  const [was, is] = [readMembers(before), readMembers(after)];
  /** What was found at a place, which many locks may share: also above a lock, or below another. */
  const holds = new Map<string, boolean>();
  const isHeld = ({ pointer }: Lock): boolean => {
    const steps = stepsOf(pointer);
    const places = [
      '',
      ...steps.map((_, at) =>
        steps
          .slice(0, at + 1)
          .map((step) => `/${escapeStep(step)}`)
          .join(''),
      ),
    ];
    if (places.some((place) => holds.get(place) === true)) return true;
    const found = lookUp(is, steps);
    if (found === undefined) return true;
    const place = places[found.depth]!;
    let isSame = holds.get(place);
    if (isSame === undefined) {
      const old = lookUp(was, steps);
      isSame = old?.depth === found.depth && isPartOf(found.value, old.value);
      holds.set(place, isSame);
    }
    return isSame;
  };
  // The shortest first: what holds there holds below.
  const byLength = [...locks].sort((one, other) => one.pointer.length - other.pointer.length);
  const broken = new Set(byLength.filter((lock) => !isHeld(lock)));
  return locks.filter((lock) => broken.has(lock));
}

/** Whether a value is another one, or what is left of it when members are removed. */
function isPartOf(value: JsonTree, whole: JsonTree): boolean {
  if (typeof value === 'string' || typeof whole === 'string') return isSameValue(value, whole);
  for (const [name, member] of value) {
    const of = whole.get(name);
    if (of === undefined || !isPartOf(member, of)) return false;
  }
  return true;
}
