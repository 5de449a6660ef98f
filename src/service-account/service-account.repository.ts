import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, IsNull, Repository } from 'typeorm';
import { ServiceAccount } from './service-account.entity.js';

/** Which programs there are, and what they may do. */
@Injectable()
export class ServiceAccountRepository {
  constructor(@InjectRepository(ServiceAccount) private readonly services: Repository<ServiceAccount>) {}

  /** Unless it is soft-deleted. */
  findActive(id: string): Promise<ServiceAccount | null> {
    return this.services.findOneBy({ id, deletedAt: IsNull() });
  }

  /** The names of those of these that are service accounts, by id; also of soft-deleted ones. */
  async findNames(ids: readonly (string | null)[]): Promise<Map<string | null, string>> {
    const wanted = [...new Set(ids)].filter((id) => id !== null);
    if (wanted.length === 0) return new Map();
    const services = await this.services.find({ select: { id: true, name: true }, where: { id: In(wanted) } });
    return new Map(services.map(({ id, name }) => [id, name]));
  }
}
