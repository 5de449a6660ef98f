import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { validateDto } from '../common/validation/validate-dto.js';
import type { ServiceAccount } from '../service-account/service-account.entity.js';
import { SERVICE_SCOPES, type ServiceScope } from '../auth/service-scope.js';
import {
  AlreadyDeletedError,
  AlreadyTakenError,
  UnknownOrganizationError,
  UnknownServiceError,
} from './admin.errors.js';
import { AdministrationRepository } from './administration.repository.js';
import { CreateServiceDto } from './dto/create-service.dto.js';
import { SetRateLimitDto } from './dto/set-rate-limit.dto.js';
import { SetScopesDto } from './dto/set-scopes.dto.js';

/**
 * What an operator does with service accounts from the command line. An id is unique among them and among users, which
 * is checked here, under the lock that is taken where users are made.
 */
@Injectable()
export class ServiceAdministrationService {
  constructor(private readonly repository: AdministrationRepository) {}

  /**
   * @throws InvalidInputError
   * @throws AlreadyTakenError
   * @throws UnknownOrganizationError
   */
  async create(plain: Partial<CreateServiceDto>): Promise<ServiceAccount> {
    const { name, organization, all, scopes, id = randomUUID() } = await validateDto(CreateServiceDto, plain);
    if ((organization === undefined) === (all === undefined)) {
      throw new InvalidInputError('either organization or all is required');
    }
    const organizationId = organization?.toLowerCase() ?? null;
    await this.repository.transaction(async (repository) => {
      await repository.lockId(id);
      if ((await repository.findService(id)) ?? (await repository.findUser(id))) throw new AlreadyTakenError('id', id);
      if (organizationId !== null) {
        const found = await repository.findOrganization(organizationId);
        if (found === null || found.deletedAt !== null) throw new UnknownOrganizationError(organizationId);
      }
      await repository.insertService({ id, name, organizationId, scopes: inOrder(scopes) });
    });
    return this.find(id);
  }

  /**
   * @throws InvalidInputError
   * @throws UnknownServiceError
   * @throws AlreadyDeletedError
   */
  async setScopes(id: string, plain: Partial<SetScopesDto>): Promise<ServiceAccount> {
    const { scopes } = await validateDto(SetScopesDto, plain);
    await this.findActive(id);
    await this.repository.setScopes(id, inOrder(scopes));
    return this.find(id);
  }

  /**
   * @throws InvalidInputError
   * @throws UnknownServiceError
   * @throws AlreadyDeletedError
   */
  async setRateLimit(id: string, plain: SetRateLimitDto): Promise<ServiceAccount> {
    const { perMinute } = await validateDto(SetRateLimitDto, plain);
    await this.findActive(id);
    await this.repository.setRateLimit(id, perMinute);
    return this.find(id);
  }

  /**
   * Soft-deletes a service account: from then on it is nobody.
   *
   * @throws UnknownServiceError
   */
  async delete(id: string): Promise<ServiceAccount> {
    if ((await this.find(id)).deletedAt === null) await this.repository.setServiceDeletedAt(id, new Date());
    return this.find(id);
  }

  /** @throws UnknownServiceError */
  async restore(id: string): Promise<ServiceAccount> {
    await this.find(id);
    await this.repository.setServiceDeletedAt(id, null);
    return this.find(id);
  }

  list(): Promise<ServiceAccount[]> {
    return this.repository.listServices();
  }

  /**
   * @throws UnknownServiceError
   * @throws AlreadyDeletedError
   */
  async findActive(id: string): Promise<ServiceAccount> {
    const service = await this.find(id);
    if (service.deletedAt !== null) throw new AlreadyDeletedError('service account', id);
    return service;
  }

  private async find(id: string): Promise<ServiceAccount> {
    const service = await this.repository.findService(id);
    if (service === null) throw new UnknownServiceError(id);
    return service;
  }
}

/** Each once. */
function inOrder(scopes: readonly ServiceScope[]): ServiceScope[] {
  return SERVICE_SCOPES.filter((scope) => scopes.includes(scope));
}
