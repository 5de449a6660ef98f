/** A method whose statements may reach rows of any owner in one table, and why. */
export interface Exception {
  readonly by: string;
  readonly table: string;
  readonly why: string;
}

/** None of them is on the way of a request: they are the administration command's, and the work in the background. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    by: 'AdministrationRepository.listOrganizations',
    table: 'organizations',
    why: 'an operator lists every organization',
  },
  {
    by: 'AdministrationRepository.hasDomain',
    table: 'organizations',
    why: "a domain is one organization's among all",
  },
  { by: 'AdministrationRepository.listUsers', table: 'users', why: 'an operator lists every user' },
  {
    by: 'AdministrationRepository.listMembers',
    table: 'members',
    why: 'an operator lists every user, with their roles',
  },
  { by: 'AdministrationRepository.findIds', table: 'users', why: 'no email of a user is the id of another' },
  { by: 'AdministrationRepository.findEmails', table: 'user_emails', why: 'no id of a user is the email of another' },
  { by: 'AdministrationRepository.findUserByEmail', table: 'users', why: "an email is one user's among all" },
  {
    by: 'HistoryRepository.findOfSystem',
    table: 'user_changes',
    why: 'an operator sees what was changed of users who have no organization',
  },
  {
    by: 'SettingsVersionRepository.prune',
    table: 'organization_settings',
    why: 'old versions go in every organization',
  },
  { by: 'SettingsVersionRepository.prune', table: 'user_settings', why: 'old versions go from every user' },
  {
    by: 'HistoryThinnerRepository.list',
    table: 'organizations_to_thin',
    why: 'the quota holds for every organization',
  },
  { by: 'HistoryThinnerRepository.list', table: 'users_to_thin', why: 'the quota holds for every user' },
];

/** The functions of the database that do so; `by` is the function's name. */
export const FUNCTION_EXCEPTIONS: readonly Exception[] = [
  ...['organizations', 'members', 'organization_settings', 'organization_changes'].map((table) => ({
    by: 'erase_user',
    table,
    why: 'an erased user is no longer named as the author, in whatever organization they changed something',
  })),
  ...['erase_user', 'prune_organization_versions', 'prune_user_versions'].map((by) => ({
    by,
    table: 'event_reads',
    why: 'the events of what goes are gone, whoever has read them',
  })),
];
