import { type EffectiveReason, type ExplainedSettingsResponse, FlashbackError } from '@flashback/client/lossless';
import { pathOf, type Path, pointerOf, valueAt } from '../json/path.js';
import { isObject, type JsonObject, type JsonValue } from '../json/value.js';
import { client } from '../session/session.js';

export type Layer = 'system' | 'organization' | 'user';

/** What applies, and why: by the pointer of each leaf. */
export type Effective = Pick<ExplainedSettingsResponse<JsonObject>, 'settings' | 'reasons'>;

/** @returns `undefined` where the service does not tell, or there is no organization */
export async function readEffective(layer: 'organization' | 'user'): Promise<Effective | undefined> {
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

/** Whether the value of a layer at a path, or what is below it, is under the lock of a layer above it. */
export function lockOver(effective: Effective | undefined, layer: Layer, path: Path): EffectiveReason['locked'] {
  const reason = effective?.reasons[pointerOf(path)];
  return reason?.locked !== undefined && reason.locked.by !== layer ? reason.locked : undefined;
}

export interface OtherLeaf {
  readonly path: Path;
  readonly value: JsonValue;
  readonly reason: EffectiveReason;
}

/** What applies and is not in the document itself, because another layer has it. */
export function leavesElsewhere({ settings, reasons }: Effective, layer: Layer, document: JsonObject): OtherLeaf[] {
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
}

export function hintAt(schema: JsonValue | undefined, path: Path): Hint | undefined {
  let found = schema;
  for (const name of path) found = valueAt(found, ['properties', name]);
  return isObject(found) ? found : undefined;
}
