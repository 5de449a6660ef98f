import { InvalidInputError } from '../common/errors/common.errors.js';
import { escapeStep } from '../common/json/json-text.js';
import { readMembers, writeTree } from '../common/json/json-tree.js';
import { effectiveSettings, type LayeredSettings, type Leaf, overriddenAt } from './fold.js';
import type { Layer, Policy, PolicyLayer } from './policy.js';

/** One of the documents that effective settings follow from. */
export interface LayerDocument {
  readonly version: string;
  /** When that version was made (RFC 3339); `null` before the first. */
  readonly at: string | null;
  /** `null` where the caller has all of them. */
  readonly text: string | null;
}

/** All of them; that of the user where theirs are asked for. */
export interface LayerDocuments {
  readonly settings: Readonly<Record<PolicyLayer, LayerDocument>> & Readonly<Partial<Record<Layer, LayerDocument>>>;
  readonly policies: Readonly<Record<PolicyLayer, LayerDocument>>;
  /** Whether the caller may read the system's settings themselves. */
  readonly isSystemShown: boolean;
}

/** What is to be folded. */
export interface FoldQuestion {
  readonly layers: LayerDocuments;
  /** Of which layers the caller may see values that do not apply; `false` where no reasons are asked for. */
  readonly isShown: Readonly<Record<Layer, boolean>> | false;
}

/** The settings that apply, as the text of an object; the reasons, where they were asked for, are one, too. */
export interface FoldedSettings {
  readonly settings: string;
  readonly reasons?: string;
}

/** How long the reasons may be, in UTF-16 code units: each repeats the names of all members above its leaf. */
const MAX_REASONS_LENGTH = 2 * 1024 * 1024;

/** The only document that says anything, where it alone is the answer. */
export function onlyText({ layers: { settings, policies }, isShown }: FoldQuestion): string | undefined {
  if (isShown !== false || Object.values(policies).some(({ text }) => isSaid(text))) return undefined;
  const texts = Object.values(settings).filter(({ text }) => isSaid(text));
  return texts.length > 1 ? undefined : (texts[0]?.text ?? '{}');
}

/** How much there is to read, in UTF-16 code units. */
export function lengthOf({ layers: { settings, policies } }: FoldQuestion): number {
  return [...Object.values(settings), ...Object.values(policies)].reduce(
    (sum, { text }) => sum + (text?.length ?? 0),
    0,
  );
}

/** @throws InvalidInputError when the reasons would be too long */
export function foldDocuments(
  { layers, isShown }: FoldQuestion,
  readPolicy: (text: string, by: PolicyLayer) => Policy,
): FoldedSettings {
  const policyOf = (by: PolicyLayer) => {
    const { text } = layers.policies[by];
    return isSaid(text) ? readPolicy(text, by) : undefined;
  };
  const documents = Object.fromEntries(
    Object.entries(layers.settings).map(([layer, { text }]) => [layer, readMembers(text!)]),
  );
  const layered: LayeredSettings = {
    documents,
    policies: { system: policyOf('system'), organization: policyOf('organization') },
  };
  if (isShown === false) return { settings: writeTree(effectiveSettings(layered)) };
  const reasons = new Reasons(layered, layers, isShown);
  const settings = writeTree(effectiveSettings(layered, (leaf) => reasons.add(leaf)));
  return { settings, reasons: reasons.text };
}

function isSaid(text: string | null): text is string {
  return text !== null && text !== '{}';
}

/** Writes why each leaf is what it is. */
class Reasons {
  private members = '';

  /** @param isShown of which layers the caller may see values that do not apply */
  constructor(
    private readonly layered: LayeredSettings,
    private readonly layers: LayerDocuments,
    private readonly isShown: Readonly<Record<Layer, boolean>>,
  ) {}

  get text(): string {
    return `{${this.members}}`;
  }

  /** @throws InvalidInputError */
  add(leaf: Leaf): void {
    const { steps, source, lock } = leaf;
    const pointer = steps.map((step) => `/${escapeStep(step)}`).join('');
    const { from, version, at } = this.originOf(source);
    const overridden = overriddenAt(leaf, this.layered);
    const shown = overridden.filter(({ layer }) => this.isShown[layer]);
    const values = shown.map(({ layer, value }) => `"${layer}":${writeTree(value)}`).join(',');
    const reason = [
      `"from":"${from}"`,
      ...(from === 'default' ? [`"policy":"${source === 'system-default' ? 'system' : 'organization'}"`] : []),
      `"version":${version}`,
      `"at":${JSON.stringify(at)}`,
      ...(lock === undefined ? [] : [`"locked":${JSON.stringify({ by: lock.by, reason: lock.reason })}`]),
      ...(overridden.length === 0 ? [] : [`"overridden":${JSON.stringify(overridden.map(({ layer }) => layer))}`]),
      ...(values === '' ? [] : [`"values":{${values}}`]),
    ].join(',');
    this.members += `${this.members === '' ? '' : ','}${JSON.stringify(pointer)}:{${reason}}`;
    if (this.members.length > MAX_REASONS_LENGTH) {
      throw new InvalidInputError('the reasons would be too long: ask without explain');
    }
  }

  private originOf(source: Leaf['source']): { from: Layer | 'default'; version: string; at: string | null } {
    const { settings, policies } = this.layers;
    if (source === 'organization-default' || source === 'system-default') {
      const { version, at } = policies[source === 'system-default' ? 'system' : 'organization'];
      return { from: 'default', version, at };
    }
    const { version, at } = settings[source]!;
    return { from: source, version, at };
  }
}
