/** A method whose statements may reach rows of any owner in one table, and why. */
export interface Exception {
  readonly by: string;
  readonly table: string;
  readonly why: string;
}

/** None of them is on the way of a request: they are the administration command's, and the daily pruning. */
export const EXCEPTIONS: readonly Exception[] = [
  { by: 'OrganizationRepository.list', table: 'organizations', why: 'an operator lists every organization' },
  { by: 'OrganizationRepository.hasDomain', table: 'organizations', why: "a domain is one organization's among all" },
  { by: 'UserRepository.list', table: 'users', why: 'an operator lists every user' },
  { by: 'UserRepository.findByEmail', table: 'users', why: "an email is one user's among all, and names one" },
  { by: 'MemberRepository.list', table: 'members', why: 'an operator lists every user, with their roles' },
  {
    by: 'ChangeRepository.erase',
    table: 'organization_changes',
    why: 'an erased user is no longer named as the author, wherever they changed something',
  },
  {
    by: 'SystemEventRepository.erase',
    table: 'event_reads',
    why: 'the events of an erased user are gone, whoever has read them',
  },
  {
    by: 'SettingsVersionRepository.prune',
    table: 'organization_settings',
    why: 'old versions go in every organization',
  },
  { by: 'SettingsVersionRepository.prune', table: 'user_settings', why: 'old versions go from every user' },
  {
    by: 'SettingsVersionRepository.pruneOwner',
    table: 'event_reads',
    why: 'the events of old versions are gone, whoever has read them',
  },
];
