/** A method whose statements may reach rows of any owner in one table, and why. */
export interface Exception {
  readonly by: string;
  readonly table: string;
  readonly why: string;
}

/**
 * None of them is on the way of a request about one owner: they are the administration command, deliveries, work in
 * the background, and what service accounts of all organizations read.
 */
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
  { by: 'AdministrationRepository.findUserByEmail', table: 'users', why: "an email is one user's among all" },
  {
    by: 'HistoryRepository.findOfSystem',
    table: 'user_changes',
    why: 'an operator sees what was changed of users who have no organization',
  },
  {
    by: 'InvitationRepository.findDue',
    table: 'invitations',
    why: 'what is to be delivered is, whoever invited whom',
  },
  { by: 'InvitationRepository.readQueue', table: 'invitations', why: 'a metric counts what waits' },
  { by: 'InvitationRepository.findUndelivered', table: 'invitations', why: 'an operator lists what failed' },
  { by: 'InvitationRepository.prune', table: 'invitations', why: 'old invitations go in every organization' },
  ...[
    ['countMembers', 'members'],
    ['countMembers', 'organizations'],
    ['listOrganizations', 'organizations'],
    ['listOrganizations', 'organization_settings'],
    ['listOrganizations', 'organization_documents'],
  ].map(([method, table]) => ({
    by: `ImpactRepository.${method}`,
    table: table!,
    why: 'a service account that may write the system asks for how many members that would change something',
  })),
  ...['organization_settings', 'organization_documents', 'organization_changes'].map((table) => ({
    by: 'SettingsVersionRepository.prune',
    table,
    why: 'old versions go in every organization',
  })),
  ...['organizations', 'organization_settings'].map((table) => ({
    by: 'OrganizationListRepository.list',
    table,
    why: 'a service account of all organizations lists them',
  })),
  ...['organizations', 'organization_settings', 'organization_changes'].map((table) => ({
    by: 'OrganizationListRepository.listChanged',
    table,
    why: 'a service account of all organizations lists those that were changed',
  })),
  ...['AllChangesRepository.recent', 'AllChangesRepository.since'].map((by) => ({
    by,
    table: 'organization_changes',
    why: 'a service account of all organizations is told of their changes',
  })),
  { by: 'SettingsVersionRepository.prune', table: 'user_settings', why: 'old versions go from every user' },
  {
    by: 'HistoryThinnerRepository.list',
    table: 'organizations_to_thin',
    why: 'the quota holds for every organization',
  },
  { by: 'HistoryThinnerRepository.list', table: 'users_to_thin', why: 'the quota holds for every user' },
];

const FUNCTIONS: readonly (readonly [by: string, tables: readonly string[], why: string])[] = [
  [
    'erase_user',
    [
      'organizations',
      'members',
      'organization_settings',
      'organization_documents',
      'organization_changes',
      'user_changes',
      'invitations',
    ],
    'an erased user is no longer named as the author, in whatever organization they changed something',
  ],
  ['erase_user', ['user_emails', 'user_subjects'], 'an erased user leaves their email and subject to others'],
  ...['erase_user', 'prune_impacts', 'prune_organization_versions', 'prune_user_versions'].map(
    (by) => [by, ['event_reads'], 'the events of what goes are gone, whoever has read them'] as const,
  ),
  ['invitation_claim', ['users'], 'the one who was invited, and the one who invited them'],
  ['member_get', ['users'], 'whether the user is of the organization is found out with their row'],
  ['member_list', ['users'], 'the index of members leads with their organization'],
  [
    'member_create',
    ['users', 'user_subjects', 'user_emails', 'keep_user_change', 'take_email'],
    'the user is made for the organization',
  ],
  [
    'member_change',
    [
      'users',
      'user_changes',
      'members',
      'organizations',
      'invitation_wait',
      'keep_invitation',
      'keep_user_change',
      'take_email',
    ],
    "the user's own row says which organization has to allow it",
  ],
  ['take_email', ['users'], 'whether an email is still in use, the user says who has it'],
  [
    'user_link',
    ['users', 'user_emails', 'members', 'organizations', 'invitations', 'keep_user_change', 'member_authority'],
    'a subject leads to nobody yet: an email does, and an invitation of their organization',
  ],
  ['user_move', ['members', 'organizations', 'invitations'], 'an operator moves users between organizations'],
  ['user_set_email', ['user_emails', 'take_email'], 'the email before is given back, if it is theirs'],
  ['user_validate', ['user_emails'], 'whether the email is still theirs'],
];

/**
 * The functions of the database that do so; `by` is the function's name. Each finds who the owner is in a row of
 * somebody whom the arguments name, or checks what is one owner's among all.
 */
export const FUNCTION_EXCEPTIONS: readonly Exception[] = FUNCTIONS.flatMap(([by, tables, why]) =>
  tables.map((table) => ({ by, table, why })),
);
