import { type EffectiveReason, type ExplainedSettingsResponse, FlashbackError } from '@flashback/client/lossless';
import { pathOf, type Path, pointerOf, valueAt } from '../json/path.js';
import { isObject, type JsonObject, type JsonValue } from '../json/value.js';
import { client } from '../session/session.js';

export type Layer = 'system' | 'organization' | 'user';

/** What applies, and why: by the pointer of each leaf. */
type Explained = Pick<ExplainedSettingsResponse<JsonObject>, 'settings' | 'reasons'>;

export interface Effective extends Explained {
  /** What the policy of the organization locks for its users, by pointer: also where nothing applies. */
  readonly locks: JsonObject;
  /** The document of the layer itself. */
  readonly saved: JsonObject;
}

/** @returns `undefined` where the service does not tell, or there is no organization */
export async function readEffective(layer: 'organization' | 'user'): Promise<Explained | undefined> {
  try {
    return await client.settings.effective.get<JsonObject>({
      explain: true,
      ...(layer === 'organization' && { scope: layer }),
    });
  } catch (error) {
    if (error instanceof FlashbackError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** The nearest lock of a layer above, as far as the page knows, over what a layer has at a path. */
export function lockOver(effective: Effective | undefined, layer: Layer, path: Path): EffectiveReason['locked'] {
  if (effective === undefined) return undefined;
  for (let length = path.length; length >= 0; length--) {
    const pointer = pointerOf(path.slice(0, length));
    const lock = effective.reasons[pointer]?.locked ?? lockOfOrganization(effective.locks, pointer);
    if (lock !== undefined && lock.by !== layer) return lock;
  }
  return undefined;
}

function lockOfOrganization(locks: JsonObject, pointer: string): EffectiveReason['locked'] {
  const lock = valueAt(locks, [pointer]);
  if (!isObject(lock)) return undefined;
  const { reason } = lock;
  return { by: 'organization', ...(typeof reason === 'string' && { reason }) };
}

/** Whether neither a leaf of the document nor anything in its place applies. */
export function isIgnored({ settings, saved }: Effective, path: Path): boolean {
  const own = valueAt(saved, path);
  const isGroup = isObject(own) && Object.keys(own).length > 0;
  const isInList = path.some((_, n) => Array.isArray(valueAt(saved, path.slice(0, n))));
  return own !== undefined && !isGroup && !isInList && valueAt(settings, path) === undefined;
}

export interface OtherLeaf {
  readonly path: Path;
  readonly value: JsonValue;
  readonly reason: EffectiveReason;
}

/** What applies and is not in the document itself, because another layer has it. */
export function leavesElsewhere({ settings, reasons }: Explained, layer: Layer, document: JsonObject): OtherLeaf[] {
  return Object.entries(reasons).flatMap(([pointer, reason]) => {
    const path = pathOf(pointer);
    const value = valueAt(settings, path);
    const isElsewhere = reason.from !== layer && valueAt(document, path) === undefined;
    return value === undefined || !isElsewhere ? [] : [{ path, value, reason }];
  });
}

/** What a schema says of a property, as far as `properties` lead there. */
export interface Hint {
  readonly title?: string;
  readonly description?: string;
  readonly deprecated?: boolean;
  readonly enum?: JsonValue[];
  readonly type?: JsonValue;
  readonly minimum?: JsonValue;
  readonly maximum?: JsonValue;
  readonly pattern?: JsonValue;
  readonly default?: JsonValue;
}

export function hintAt(schema: JsonValue | undefined, path: Path): Hint | undefined {
  let found = schema;
  for (const name of path) found = valueAt(found, ['properties', name]);
  return isObject(found) ? found : undefined;
}
