import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AdministrationService, type UserWithRole } from '../admin/administration.service.js';
import { ROLE_NAMES } from '../auth/role.js';

const DOMAIN = 'acme.example';

/** Something to look at on a new embedded database: an organization with one user for each role. */
@Injectable()
export class DemoService {
  /** Who has it may sign in as a demo user; another one at each start. */
  readonly key = randomBytes(18).toString('base64url');

  constructor(private readonly administration: AdministrationService) {}

  isKey(text: string): boolean {
    return timingSafeEqual(hash('sha256', text, 'buffer'), hash('sha256', this.key, 'buffer'));
  }

  /** The demo users, but for those whom somebody deleted. */
  async listUsers(): Promise<UserWithRole[]> {
    const users = await this.administration.listUsers();
    const byRole = [...ROLE_NAMES].reverse().map((role) => users.find(({ email }) => email === emailOf(role)));
    return byRole.filter((user) => user !== undefined && user.deletedAt === null) as UserWithRole[];
  }

  /** Makes what is missing of it, unless there are organizations and none of them is the demo's. */
  async create(): Promise<void> {
    const organizations = await this.administration.listOrganizations();
    const existing = organizations.find(({ domain }) => domain === DOMAIN);
    if (existing === undefined && organizations.length > 0) return;
    const { id } =
      existing ?? (await this.administration.createOrganization({ name: 'Acme Corporation', domain: DOMAIN }));
    const emails = new Set((await this.administration.listUsers()).map(({ email }) => email));
    for (const role of ROLE_NAMES.filter((name) => !emails.has(emailOf(name)))) {
      await this.administration.createUser({
        email: emailOf(role),
        name: capitalize(role),
        lastName: 'Acme',
        organization: id,
        role,
      });
    }
  }

  /** The demo user of a role, unless somebody deleted it. */
  async findUser(role: 'OWNER' | 'USER'): Promise<UserWithRole | undefined> {
    const users = await this.administration.listUsers();
    return users.find(({ email, deletedAt }) => email === emailOf(role) && deletedAt === null);
  }
}

function emailOf(role: string): string {
  return `${role.toLowerCase()}@${DOMAIN}`;
}

function capitalize(role: string): string {
  return role.charAt(0) + role.slice(1).toLowerCase();
}
