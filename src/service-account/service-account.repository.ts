import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, In, IsNull, Repository } from 'typeorm';
import { ServiceAccount } from './service-account.entity.js';
import type { ServiceScope } from './service-scope.js';

/** Which programs there are, and what they may do. */
@Injectable()
export class ServiceAccountRepository {
  constructor(@InjectRepository(ServiceAccount) private readonly services: Repository<ServiceAccount>) {}

  /** The same, inside a transaction. */
  within(manager: EntityManager): ServiceAccountRepository {
    return new ServiceAccountRepository(manager.getRepository(ServiceAccount));
  }

  /** Unless it is soft-deleted. */
  findActive(id: string): Promise<ServiceAccount | null> {
    return this.services.findOneBy({ id, deletedAt: IsNull() });
  }

  findById(id: string): Promise<ServiceAccount | null> {
    return this.services.findOneBy({ id });
  }

  /** The names of those of these that are service accounts, by id; also of soft-deleted ones. */
  async findNames(ids: readonly (string | null)[]): Promise<Map<string | null, string>> {
    const wanted = [...new Set(ids)].filter((id) => id !== null);
    if (wanted.length === 0) return new Map();
    const services = await this.services.find({ select: { id: true, name: true }, where: { id: In(wanted) } });
    return new Map(services.map(({ id, name }) => [id, name]));
  }

  list(): Promise<ServiceAccount[]> {
    return this.services.find({ order: { createdAt: 'ASC', id: 'ASC' } });
  }

  async insert(service: Omit<ServiceAccount, 'createdAt' | 'deletedAt'>): Promise<void> {
    await this.services.insert(service);
  }

  async setScopes(id: string, scopes: ServiceScope[]): Promise<void> {
    await this.services.update({ id }, { scopes });
  }

  async setDeletedAt(id: string, deletedAt: Date | null): Promise<void> {
    await this.services.update({ id }, { deletedAt });
  }
}
