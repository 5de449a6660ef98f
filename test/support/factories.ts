import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { Role, type RoleName } from '../../src/auth/role.js';
import { Member } from '../../src/organization/member.entity.js';
import { Organization } from '../../src/organization/organization.entity.js';
import { ServiceAccount } from '../../src/service-account/service-account.entity.js';
import type { ServiceScope } from '../../src/auth/service-scope.js';
import { User } from '../../src/user/user.entity.js';

/** A user, by default of no organization. @returns the id */
export async function aUser(dataSource: DataSource, fields: Partial<User> = {}): Promise<string> {
  const id = fields.id ?? randomUUID();
  await dataSource.getRepository(User).insert({ email: `${randomUUID()}@example.com`, name: 'Ada', ...fields, id });
  return id;
}

export type TestOrganization = { id: string } & Record<Lowercase<RoleName>, string>;

/** An organization with one member for each role, by the role's name. */
export async function anOrganization(
  dataSource: DataSource,
  fields: Partial<Organization> = {},
): Promise<TestOrganization> {
  const id = fields.id ?? randomUUID();
  const values = { name: 'Acme Corporation', ...fields, id };
  // Returns no columns: a schema that is older than the entities lacks some.
  await dataSource.createQueryBuilder().insert().into(Organization).values(values).updateEntity(false).execute();
  const member = (role: Role) => aMember(dataSource, id, role);
  return {
    id,
    user: await member(Role.USER),
    billing: await member(Role.BILLING),
    workspaces: await member(Role.WORKSPACES),
    administrator: await member(Role.ADMINISTRATOR),
    owner: await member(Role.OWNER),
  };
}

/** A user who belongs to an organization. @returns the user's id */
export async function aMember(dataSource: DataSource, organizationId: string, role: Role): Promise<string> {
  const userId = await aUser(dataSource, { organizationId });
  await dataSource.getRepository(Member).insert({ organizationId, userId, role });
  return userId;
}

/** A service account, by default for all organizations. @returns the id */
export async function aService(
  dataSource: DataSource,
  scopes: ServiceScope[],
  fields: Partial<ServiceAccount> = {},
): Promise<string> {
  const id = fields.id ?? randomUUID();
  await dataSource.getRepository(ServiceAccount).insert({ name: 'Backup', ...fields, scopes, id });
  return id;
}

/** A user whom a member of the organization invited. @returns the id */
export async function anInvitedUser(
  dataSource: DataSource,
  organizationId: string,
  inviterId: string,
  { email = `${randomUUID()}@example.com`, role = Role.USER, inviterType = 'member' }: InvitedUserFields = {},
): Promise<string> {
  const id = randomUUID();
  const [row] = await dataSource.query<[{ status: string }]>(
    `select c.status from member_create($1, $2, $3, $4, $5, 'Grace', 'Hopper', $6, false, true, 14, null, null) c`,
    [organizationId, inviterType, inviterId, id, email, role],
  );
  if (row.status !== 'created') throw new Error(`The user was not made: ${row.status}`);
  return id;
}

export interface InvitedUserFields {
  readonly email?: string;
  readonly role?: Role;
  readonly inviterType?: 'member' | 'service' | 'operator';
}

/** Invites a user once more, as if the last invitation were an hour old. */
export async function inviteAgain(
  dataSource: DataSource,
  organizationId: string,
  inviterId: string,
  userId: string,
): Promise<void> {
  const before = new Date(Date.now() - 3_600_000);
  await dataSource.query('update users set invited_at = $2 where id = $1', [userId, before]);
  await dataSource.query('update invitations set invited_at = $2 where user_id = $1', [userId, before]);
  const [row] = await dataSource.query<[{ status: string }]>(
    `select c.status
     from member_change($1, 'member', $2, $3, 'invite', '{}', null, null, false, 14, null, null) c`,
    [organizationId, inviterId, userId],
  );
  if (row.status !== 'changed') throw new Error(`The user was not invited: ${row.status}`);
}
