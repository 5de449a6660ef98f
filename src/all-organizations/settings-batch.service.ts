import { Injectable } from '@nestjs/common';
import { entityTagOf } from '../common/concurrency/preconditions.js';
import type { ServiceCaller } from '../organization/caller.js';
import { SettingsBatchRepository, type WantedSettings } from './settings-batch.repository.js';

/** The most settings that one reply holds, in bytes of their texts; the rest must be requested again. */
const MAX_BYTES = 8 * 1024 * 1024;

/** A document in a version that the caller does not have. */
export interface NewSettings {
  readonly organizationId: string;
  readonly version: string;
  readonly entityTag: string;
  /** The document's text. */
  readonly settings: string;
}

export interface SettingsBatch {
  readonly settings: readonly NewSettings[];
  /** Of organizations that do not exist or are deleted. */
  readonly notFound: readonly string[];
  /** Of those whose settings did not fit. */
  readonly more: readonly string[];
}

/** Reads the settings of many organizations at once, for a service account of all organizations. */
@Injectable()
export class SettingsBatchService {
  constructor(private readonly batches: SettingsBatchRepository) {}

  async read(caller: ServiceCaller, wanted: readonly WantedSettings[]): Promise<SettingsBatch> {
    const found = await this.batches.read(caller, wanted, MAX_BYTES);
    const existing = new Set(found.map(({ organizationId }) => organizationId));
    return {
      settings: found.flatMap(({ organizationId, version, settings }) =>
        settings === null
          ? []
          : [{ organizationId, version, entityTag: entityTagOf(organizationId, version), settings }],
      ),
      notFound: wanted.flatMap(({ id }) => (existing.has(id) ? [] : [id])),
      more: found.flatMap((one) => (one.isKnown || one.settings !== null ? [] : [one.organizationId])),
    };
  }
}
