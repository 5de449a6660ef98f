import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

interface Pool {
  readonly totalCount?: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  readonly options: { readonly max: number };
}

/** How the connections to the database are used just now. */
@Injectable()
export class PoolStatistics {
  constructor(private readonly dataSource: DataSource) {}

  /** Nothing on the embedded database, which has but one session. */
  read(): { total: number; idle: number; waiting: number; max: number } | undefined {
    const { master } = this.dataSource.driver as unknown as { master?: Pool };
    if (master?.totalCount === undefined) return undefined;
    const { totalCount: total, idleCount: idle, waitingCount: waiting } = master;
    return { total, idle, waiting, max: master.options.max };
  }
}
