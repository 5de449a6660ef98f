import { Injectable } from '@nestjs/common';
import { AdministrationService, type UserWithRole } from '../admin/administration.service.js';
import { ROLE_NAMES } from '../auth/role.js';

const DOMAIN = 'acme.com';

/** Something to look at on a new embedded database: an organization with one user for each role. */
@Injectable()
export class DemoService {
  constructor(private readonly administration: AdministrationService) {}

  /** Makes the demo organization where there is no organization at all. */
  async createOnce(): Promise<void> {
    const organizations = await this.administration.listOrganizations();
    if (organizations.length > 0) return;
    const { id } = await this.administration.createOrganization({ name: 'Acme Corporation', domain: DOMAIN });
    for (const role of ROLE_NAMES) {
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
