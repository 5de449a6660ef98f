import { OperatorChange } from './history/operator-change.entity.js';
import { OrganizationChange } from './history/organization-change.entity.js';
import { OrganizationToThin } from './history/organization-to-thin.entity.js';
import { UserChange } from './history/user-change.entity.js';
import { Invitation } from './invitation/invitation.entity.js';
import { UserToThin } from './history/user-to-thin.entity.js';
import { Member } from './organization/member.entity.js';
import { Organization } from './organization/organization.entity.js';
import { ServiceAccount } from './service-account/service-account.entity.js';
import { OrganizationSettings } from './settings/organization-settings.entity.js';
import { OrganizationDocument } from './settings/organization-document.entity.js';
import { PolicyInForce } from './settings/policy-in-force.entity.js';
import { SystemDocument } from './settings/system-document.entity.js';
import { UserSettings } from './settings/user-settings.entity.js';
import { EventRead } from './system-event/event-read.entity.js';
import { User } from './user/user.entity.js';
import { UserEmail } from './user/user-email.entity.js';
import { UserSubject } from './user/user-subject.entity.js';

/** Every table that TypeORM knows. */
export const entities = [
  User,
  UserEmail,
  UserSubject,
  Organization,
  Member,
  Invitation,
  ServiceAccount,
  OrganizationSettings,
  UserSettings,
  OrganizationDocument,
  SystemDocument,
  PolicyInForce,
  OrganizationChange,
  UserChange,
  OperatorChange,
  OrganizationToThin,
  UserToThin,
  EventRead,
];
