import { Injectable } from '@nestjs/common';
import { AdministrationService, type UserWithRole } from '../admin/administration.service.js';
import { ROLE_NAMES } from '../auth/role.js';

const DOMAIN = 'acme.example';

/** Something to look at on a new embedded database: an organization with one user for each role. */
@Injectable()
export class DemoService {
  constructor(private readonly administration: AdministrationService) {}

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
