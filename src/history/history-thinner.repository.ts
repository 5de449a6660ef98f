import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** What one call took. */
export interface Thinned {
  /** `null` while another instance is at work. */
  readonly isDone: boolean | null;
  readonly versions: number;
  readonly bytes: number;
}

/** Whose versions may take more than the quota. */
export type OwnerType = 'organization' | 'user';

/** At most so many owners are listed at a time. */
const OWNERS_AT_ONCE = 1000;

/** Takes the content of old versions. */
@Injectable()
export class HistoryThinnerRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The ids of some, in their order, those after `after`. */
  async list(type: OwnerType, after: string | null): Promise<string[]> {
    const rows = await this.dataSource.query<{ id: string }[]>(LIST[type], [after, OWNERS_AT_ONCE]);
    return rows.map(({ id }) => id);
  }

  /** Takes some of what is above the quota of one owner. */
  async thin(type: OwnerType, id: string, maxBytes: number): Promise<Thinned> {
    const [row] = await this.dataSource.query<{ isDone: boolean | null; versions: number; bytes: string }[]>(
      THIN[type],
      [id, maxBytes],
    );
    return { ...row!, bytes: Number(row!.bytes) };
  }
}

const LIST: Readonly<Record<OwnerType, string>> = {
  organization: `
    select t.organization_id as id from organizations_to_thin t
    where $1::uuid is null or t.organization_id > $1::uuid
    order by t.organization_id limit $2::integer`,
  user: `
    select t.user_id as id from users_to_thin t
    where $1::varchar is null or t.user_id > $1::varchar
    order by t.user_id limit $2::integer`,
};

const THIN: Readonly<Record<OwnerType, string>> = {
  organization: `
    select t.is_done as "isDone", t.versions, t.bytes from thin_organization_history($1::uuid, $2::bigint) t`,
  user: 'select t.is_done as "isDone", t.versions, t.bytes from thin_user_history($1::varchar, $2::bigint) t',
};
