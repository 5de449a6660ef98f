import { Injectable } from '@nestjs/common';
import type { Preconditions } from '../common/concurrency/preconditions.js';
import { VersionNotFoundError } from '../history/version.errors.js';
import { pageOf, type VersionPage } from '../history/version.js';
import type { Caller } from '../organization/caller.js';
import { UserRepository } from '../user/user.repository.js';
import type { VersionOperation } from '../history/operation.js';
import { SETTINGS_DOCUMENTS } from './settings-documents.js';
import type { SettingsDocument } from './settings-owner.js';
import { type SettingsAtVersion, SettingsVersionRepository } from './settings-version.repository.js';
import { type CurrentSettings, SettingsService } from './settings.service.js';

/** Shows who may read a document its versions. */
@Injectable()
export class SettingsVersionService {
  constructor(
    private readonly settings: SettingsService,
    private readonly versions: SettingsVersionRepository,
    private readonly users: UserRepository,
  ) {}

  /**
   * Newest first, those below `before`, at most `limit`.
   *
   * @throws NotAssociatedError
   * @throws UserNotFoundError
   */
  async list(
    document: SettingsDocument,
    caller: Caller,
    limit: number,
    before: string | null,
  ): Promise<VersionPage<VersionOperation>> {
    const { result } = await this.settings.onDocument(document, caller, (owner) =>
      this.versions.list(SETTINGS_DOCUMENTS[document], owner, limit + 1, before),
    );
    return pageOf(result.versions, limit, (ids) => this.users.findNames(ids, caller.since));
  }

  /**
   * @throws NotAssociatedError
   * @throws UserNotFoundError
   * @throws VersionNotFoundError
   */
  async get(document: SettingsDocument, caller: Caller, version: string): Promise<SettingsAtVersion> {
    const { result } = await this.settings.onDocument(document, caller, (owner) =>
      this.versions.find(SETTINGS_DOCUMENTS[document], owner, version),
    );
    if (result.status !== 'found') throw new VersionNotFoundError(result.status);
    return result;
  }

  /**
   * The document as it was then, unless the caller has that version.
   *
   * @throws NotAssociatedError
   * @throws UserNotFoundError
   * @throws VersionNotFoundError
   * @throws PreconditionFailedError
   */
  async getAsOf(
    document: SettingsDocument,
    caller: Caller,
    at: Date,
    preconditions: Preconditions,
  ): Promise<CurrentSettings> {
    const { owner, result } = await this.settings.onDocument(document, caller, (of) =>
      this.versions.findAsOf(SETTINGS_DOCUMENTS[document], of, at),
    );
    if (result.status !== 'found') throw new VersionNotFoundError(result.status);
    return this.settings.seenBy(document, preconditions, owner, result);
  }

  /**
   * What makes one version of the other, as the text of a JSON Patch (RFC 6902).
   *
   * @throws NotAssociatedError
   * @throws UserNotFoundError
   * @throws VersionNotFoundError
   */
  async diff(document: SettingsDocument, caller: Caller, from: string, to: string): Promise<string> {
    const { result } = await this.settings.onDocument(document, caller, (owner) =>
      this.versions.diff(SETTINGS_DOCUMENTS[document], owner, from, to),
    );
    if (result.status !== 'found') throw new VersionNotFoundError(result.status);
    return result.patch;
  }
}
