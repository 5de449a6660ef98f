/** The tables of a statement's owner, and the column that names the owner in each. */
export const PLACED_BY: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  organization: {
    organizations: 'id',
    members: 'organization_id',
    organization_settings: 'organization_id',
    organization_documents: 'organization_id',
    organization_changes: 'organization_id',
    organizations_to_thin: 'organization_id',
    invitations: 'organization_id',
  },
  user: {
    users: 'id',
    user_settings: 'user_id',
    user_changes: 'user_id',
    users_to_thin: 'user_id',
    event_reads: 'user_id',
    user_subjects: 'subject',
  },
};

/** Of these tables each node has a copy. */
export const COPIED = [
  'service_accounts',
  'operator_changes',
  'system_documents',
  'policies_in_force',
  'migrations',
  'schema_functions',
];

/** They run on the coordinator, and reach other owners' rows there. None is on the way of a request for settings. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  invitation_claim: 'delivers an invitation of an organization to a user, if that is still to be done',
  member_change: 'changes a user and their membership in one',
  member_create: 'makes a user and their membership in one',
  member_get: 'shows a user of an organization',
  member_list: 'shows the users of an organization',
  take_email: "gives an email to one user, which may have been another's",
  user_link: 'finds the user who was invited to an organization by an email',
  user_move: 'moves a user from one organization to another',
  user_set_email: 'gives a user another email, which nobody else may have',
  user_validate: 'looks whether the email is still theirs',
  erase_user: 'takes the name of an erased user out of every organization',
  prune_impacts: 'takes back the marks of all who read about them',
  prune_organization_versions: 'takes back the marks of all who read a version that goes',
  prune_user_versions: 'takes back the marks of all who read a version that goes',
};

/** Statements that ask all nodes, or are refused; none is on the way of a request for settings or a profile. */
export const ASK_ALL_NODES: Readonly<Record<string, string>> = {
  'history.repository: FIND_OF_ORGANIZATION': 'shows operators what was changed in an organization and by its members',
  'history.repository: FIND_OF_SYSTEM': 'shows operators what belongs to no organization',
  'history-thinner.repository: organization': 'finds whose versions take more than the quota, every ten seconds',
  'history-thinner.repository: user': 'finds whose versions take more than the quota, every ten seconds',
  'invitation.repository: FIND_DUE': 'finds the invitations to deliver, in the background',
  'invitation.repository: READ_QUEUE': 'counts the invitations that wait, for the metrics',
  'invitation.repository: FIND_PRUNABLE': 'finds old invitations, once a day',
  'settings-version.repository: owners': 'finds old versions, once a day',
  'organization-list.repository: organizations': 'lists all organizations, for service accounts',
  'organization-list.repository: organizations-changed': 'lists all that changed, for service accounts',
  'effective-settings.repository: effective-settings-read': 'is two statements there, for each owner one',
  'impact.repository: impact-member-count': 'asks whom a change of the system would touch',
  'impact.repository: impact-organizations': 'asks whom a change of the system would touch',
  'settings-batch.repository: settings-batch': 'reads many documents at once, for service accounts',
  'system-event.repository: events': "unites an organization's changes with its members'",
  'system-event.repository: events-count': 'counts the same',
  'system-event.repository: events-visible': 'looks whether a caller may see what they mark as read',
  'all-changes.repository: changes-recent': 'watches all organizations, every second for an instance',
  'all-changes.repository: changes-since': 'watches all organizations, every second for an instance',
  'watch.repository: watched-organizations': 'reads the versions of all that is watched, every second for an instance',
  'watch.repository: watched-users': 'reads the versions of all that is watched, every second for an instance',
};
