import { Injectable } from '@nestjs/common';
import { WRITING_ROLES } from '../auth/role.js';
import { PayloadTooLargeError } from '../common/errors/common.errors.js';
import { Environment } from '../config/environment.js';
import { MembershipService } from '../organization/membership.service.js';
import { InsufficientRoleError } from '../organization/organization.errors.js';
import { UserNotFoundError } from '../user/user.errors.js';
import { type SettingsChange, SettingsRepository, type SettingsWritten } from './settings.repository.js';

/** Reads and changes settings documents on behalf of a user. Documents are JSON text throughout. */
@Injectable()
export class SettingsService {
  constructor(
    private readonly settings: SettingsRepository,
    private readonly memberships: MembershipService,
    private readonly environment: Environment,
  ) {}

  /** @throws NotAssociatedError */
  readOrganization(userId: string): Promise<string> {
    return this.memberships.within(userId, (organizationId) => this.settings.readOrganization(organizationId, userId));
  }

  /** @throws UserNotFoundError */
  async readUser(userId: string): Promise<string> {
    const settings = await this.settings.readUser(userId);
    if (settings === undefined) throw new UserNotFoundError();
    return settings;
  }

  /**
   * @throws NotAssociatedError
   * @throws InsufficientRoleError
   * @throws PayloadTooLargeError
   */
  async changeOrganization(userId: string, change: SettingsChange): Promise<void> {
    const written = await this.memberships.within(userId, (organizationId) =>
      this.settings.changeOrganization(organizationId, userId, change, this.environment.SETTINGS_MAX_BYTES),
    );
    if (written.role === null || !WRITING_ROLES.includes(written.role)) {
      this.memberships.forget(userId);
      throw new InsufficientRoleError('organization settings');
    }
    this.requireThatItFits(written);
  }

  /**
   * @throws UserNotFoundError
   * @throws PayloadTooLargeError
   */
  async changeUser(userId: string, change: SettingsChange): Promise<void> {
    const written = await this.settings.changeUser(userId, change, this.environment.SETTINGS_MAX_BYTES);
    if (written === undefined) throw new UserNotFoundError();
    this.requireThatItFits(written);
  }

  private requireThatItFits({ bytes }: SettingsWritten): void {
    const limit = this.environment.SETTINGS_MAX_BYTES;
    if (bytes === null) throw new Error('The document was not found and not stored');
    if (bytes > limit) {
      throw new PayloadTooLargeError(`the settings would take ${bytes} bytes, more than the ${limit} allowed`);
    }
  }
}
