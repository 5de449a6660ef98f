/** A method whose statements may reach rows of any owner in one table, and why. */
export interface Exception {
  readonly by: string;
  readonly table: string;
  readonly why: string;
}

/** None of them is on the way of a request: they are the administration command's, and the daily pruning. */
export const EXCEPTIONS: readonly Exception[] = [
  { by: 'AdministrationService.listOrganizations', table: 'organizations', why: 'an operator lists every organization' },
  {
    by: 'AdministrationService.createOrganization',
    table: 'organizations',
    why: "a domain is one organization's among all",
  },
  { by: 'AdministrationService.listUsers', table: 'users', why: 'an operator lists every user' },
  { by: 'AdministrationService.listUsers', table: 'members', why: 'an operator lists every user, with their roles' },
  { by: 'AdministrationService.createUser', table: 'users', why: "an email is one user's among all" },
  { by: 'AdministrationService.findUser', table: 'users', why: 'an email names one user among all' },
  {
    by: 'SettingsVersionRepository.prune',
    table: 'organization_settings',
    why: 'old versions go in every organization',
  },
  { by: 'SettingsVersionRepository.prune', table: 'user_settings', why: 'old versions go from every user' },
];
