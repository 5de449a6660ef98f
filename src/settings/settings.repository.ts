import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { type Role, WRITING_ROLES } from '../auth/role.js';
import { type Statement, StatementRunner } from '../database/statement-runner.js';
import type { KeyPath } from './key-path.js';
import { OrganizationSettings } from './organization-settings.entity.js';
import { UserSettings } from './user-settings.entity.js';

/** A change of a settings document, as its own JSON text. */
export type SettingsChange =
  | { readonly kind: 'replace'; readonly settings: string }
  | { readonly kind: 'merge'; readonly patch: string }
  | { readonly kind: 'delete-keys'; readonly keys: readonly KeyPath[] };

/** What became of a change. */
export interface SettingsWritten {
  /** The caller's role in the organization; `null` on the user's own settings. Nothing was changed if it may not write. */
  readonly role: Role | null;
  /** How long the document would be, in bytes; `null` when the role may not write, or there is no row to write to. */
  readonly bytes: number | null;
}

/**
 * Keeps the settings documents of organizations and users.
 *
 * 1. A read and a change are one statement each, which also checks the caller's membership and role. A change locks the
 *    document's row, computes the new document from the latest one, and writes it only if it differs and fits; so no
 *    two callers lose each other's change, whichever instances they talk to.
 * 2. Documents travel as text, so every digit survives.
 */
@Injectable()
export class SettingsRepository {
  constructor(
    @InjectRepository(OrganizationSettings) private readonly organizationSettings: Repository<OrganizationSettings>,
    @InjectRepository(UserSettings) private readonly userSettings: Repository<UserSettings>,
    private readonly runner: StatementRunner,
  ) {}

  /** @returns the document's text, or `undefined` when the user is no member of the organization */
  async readOrganization(organizationId: string, userId: string): Promise<string | undefined> {
    const [row] = await this.runner.run<{ settings: string }>(ORGANIZATION.read, [organizationId, userId]);
    return row?.settings;
  }

  /** @returns the document's text, or `undefined` when there is no such user */
  async readUser(userId: string): Promise<string | undefined> {
    const [row] = await this.runner.run<{ settings: string }>(USER.read, [userId]);
    return row?.settings;
  }

  /**
   * @param maxBytes a document that would be longer is not stored
   * @returns `undefined` when the user is no member of the organization
   */
  async changeOrganization(
    organizationId: string,
    userId: string,
    change: SettingsChange,
    maxBytes: number,
  ): Promise<SettingsWritten | undefined> {
    const write = () => this.write(ORGANIZATION[change.kind], [argumentOf(change), maxBytes, organizationId, userId]);
    const written = await write();
    if (!isWithoutRow(written) || !WRITING_ROLES.includes(written.role!)) return written;
    await this.organizationSettings.createQueryBuilder().insert().values({ organizationId }).orIgnore().execute();
    return write();
  }

  /**
   * @param maxBytes a document that would be longer is not stored
   * @returns `undefined` when there is no such user
   */
  async changeUser(userId: string, change: SettingsChange, maxBytes: number): Promise<SettingsWritten | undefined> {
    const write = () => this.write(USER[change.kind], [argumentOf(change), maxBytes, userId]);
    const written = await write();
    if (!isWithoutRow(written)) return written;
    await this.userSettings.createQueryBuilder().insert().values({ userId }).orIgnore().execute();
    return write();
  }

  private async write(statement: Statement, values: unknown[]): Promise<SettingsWritten | undefined> {
    const [row] = await this.runner.run<SettingsWritten>(statement, values);
    return row;
  }
}

/** The caller is there, the row is not: nobody wrote the document before. An empty one is version 0 and no change. */
function isWithoutRow(written: SettingsWritten | undefined): written is SettingsWritten {
  return written?.bytes === null;
}

function argumentOf(change: SettingsChange): string {
  switch (change.kind) {
    case 'replace':
      return change.settings;
    case 'merge':
      return change.patch;
    case 'delete-keys':
      return JSON.stringify(change.keys);
  }
}

/** The document that each kind of change makes of the one in `b.settings`. */
const AFTER: Record<SettingsChange['kind'], string> = {
  replace: '$1::jsonb',
  merge: 'settings_merge(b.settings, $1::jsonb)',
  'delete-keys': 'settings_delete_keys(b.settings, $1::jsonb)',
};

/** Every parameter list of a write begins with $1, the change as JSON text, and $2, the most bytes to store. */
function statementsFor(owner: {
  name: string;
  table: string;
  key: string;
  /** The owner's id among the parameters of a read and of a write. */
  read: { id: string; from: string };
  write: { id: string; caller: string; mayWrite: string };
}) {
  const write = (kind: SettingsChange['kind']): Statement => ({
    name: `${owner.name}-settings-${kind}`,
    text: `
      with caller as materialized (
        ${owner.write.caller}
      ), before as materialized (
        select s.settings, s.version from ${owner.table} s
        where s.${owner.key} = ${owner.write.id} and exists (select from caller where ${owner.write.mayWrite})
        for update
      ), after as materialized (
        select n.settings, b.version + 1 as version, octet_length(n.settings::text) as bytes,
          n.settings is distinct from b.settings as is_changed
        from before b cross join lateral (select ${AFTER[kind]} as settings offset 0) n
      ), written as (
        update ${owner.table} s set settings = a.settings, version = a.version, updated_at = now()
        from after a where s.${owner.key} = ${owner.write.id} and a.is_changed and a.bytes <= $2
      )
      select c.role, a.bytes from caller c left join after a on true`,
  });
  return {
    read: {
      name: `${owner.name}-settings-read`,
      text: `
        select coalesce(s.settings::text, '{}') as settings
        from ${owner.read.from}
        left join ${owner.table} s on s.${owner.key} = ${owner.read.id}`,
    },
    replace: write('replace'),
    merge: write('merge'),
    'delete-keys': write('delete-keys'),
  } satisfies Record<string, Statement>;
}

const activeMember = (organizationId: string, userId: string) => `
  members m join organizations o on o.id = m.organization_id and o.deleted_at is null
    and m.organization_id = ${organizationId} and m.user_id = ${userId} and m.deleted_at is null`;

const activeUser = (userId: string) => `users u where u.id = ${userId} and u.deleted_at is null`;

const ORGANIZATION = statementsFor({
  name: 'organization',
  table: 'organization_settings',
  key: 'organization_id',
  read: { id: '$1', from: activeMember('$1', '$2') },
  write: {
    id: '$3',
    caller: `select m.role from ${activeMember('$3', '$4')}`,
    mayWrite: `role in (${WRITING_ROLES.join(', ')})`,
  },
});

const USER = statementsFor({
  name: 'user',
  table: 'user_settings',
  key: 'user_id',
  read: { id: 'u.id', from: `(select u.id from ${activeUser('$1')}) u` },
  write: { id: '$3', caller: `select null::smallint as role from ${activeUser('$3')}`, mayWrite: 'true' },
});
