import { OrganizationChange } from './history/organization-change.entity.js';
import { UserChange } from './history/user-change.entity.js';
import { Member } from './organization/member.entity.js';
import { Organization } from './organization/organization.entity.js';
import { ServiceAccount } from './service-account/service-account.entity.js';
import { OrganizationSettings } from './settings/organization-settings.entity.js';
import { UserSettings } from './settings/user-settings.entity.js';
import { EventRead } from './system-event/event-read.entity.js';
import { User } from './user/user.entity.js';

/** Every table that TypeORM knows. */
export const entities = [
  User,
  Organization,
  Member,
  ServiceAccount,
  OrganizationSettings,
  UserSettings,
  OrganizationChange,
  UserChange,
  EventRead,
];
