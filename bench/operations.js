import { KILOBYTE, settingsOf } from './documents.js';

/**
 * What is measured. Everything else reads these tables: what is sent, what must come back, what is compared, and what
 * the tables and the chart show.
 *
 * Texts hold placeholders, which are filled in for each request:
 * - `<token>`, `<organization>`, `<name>`, `<etag>`: the caller's token, organization, its name, and the entity tag of
 *   its settings as they were in the beginning;
 * - `<number>`: 13 digits that no other request of the run has, which make each change one; the service stores nothing
 *   that is no change;
 * - `<pass>`: how often it was this caller's turn before in this measurement, two digits;
 * - `<last>`: the number of the caller's last update in this measurement.
 */
export const SETTINGS_PATH = '/settings/organization';

const written = (message) => JSON.stringify({ success: true, message });
const read = (document) => `{"success":true,"settings":${document}}`;

/**
 * @typedef Request
 * @property {string} method
 * @property {string} path
 * @property {Record<string, string>} [headers]
 * @property {string} [body]
 * @property {number} status of the only right answer
 * @property {(documents: Documents) => string} answer its body
 * @property {(documents: Documents) => string} [answerOnceUpdated] its body after an update by the same caller
 * @property {boolean} [isChange]
 * @property {boolean} [isUpdate] makes `initial` into `updated`
 *
 * @typedef {{ initial: string, updated: string }} Documents how a contestant writes the document of a caller
 */

/** @type {Record<string, Request>} */
export const REQUESTS = {
  read: {
    method: 'GET',
    path: SETTINGS_PATH,
    status: 200,
    answer: ({ initial }) => read(initial),
    answerOnceUpdated: ({ updated }) => read(updated),
  },
  conditionalRead: {
    method: 'GET',
    path: SETTINGS_PATH,
    headers: { 'If-None-Match': '<etag>' },
    status: 304,
    answer: () => '',
  },
  update: {
    method: 'PUT',
    path: SETTINGS_PATH,
    body: numbered({
      maxFileSize: '20GB',
      retentionPolicy: { days: 90 },
      security: { requireMFA: false, sessionTimeout: '<number>' },
    }),
    status: 200,
    answer: () => written('Organization settings partially updated successfully'),
    isChange: true,
    isUpdate: true,
  },
  replace: {
    method: 'POST',
    path: SETTINGS_PATH,
    body: numbered({ settings: replacement() }),
    status: 200,
    answer: () => written('Organization settings updated successfully'),
    isChange: true,
  },
  deleteKeys: {
    method: 'DELETE',
    path: SETTINGS_PATH,
    body: '{"keys":["features.feature-<pass>"]}',
    status: 200,
    answer: () => written('Organization settings keys deleted successfully'),
    isChange: true,
  },
  updateOrganization: {
    method: 'PUT',
    path: '/organization/<organization>',
    body: '{"address1":"456 New Business Ave","city":"Los Angeles","phone":"+1-<number>","mfaEnforced":true}',
    status: 200,
    answer: () =>
      JSON.stringify({
        success: true,
        data: {
          id: '<organization>',
          name: '<name>',
          domain: null,
          address1: '456 New Business Ave',
          address2: null,
          city: 'Los Angeles',
          zipcode: null,
          phone: '+1-<number>',
          state: null,
          country: null,
          deletedAt: null,
          reposDisabled: false,
          website: null,
          is_business: false,
          mfaEnforced: true,
        },
        message: 'Organization updated successfully',
      }),
    isChange: true,
  },
};

/**
 * @typedef Operation
 * @property {string} name
 * @property {Record<string, number>} requests which it sends, and how many of each among all
 * @property {Record<string, number>} [requestsOfOthers] what the service is compared with, where others have no such
 *   feature
 */

/**
 * Reads come first, because entity tags are those of the beginning.
 *
 * @type {Record<string, Operation>}
 */
export const OPERATIONS = {
  read: { name: 'read', requests: { read: 1 } },
  conditionalRead: { name: 'conditional read (304)', requests: { conditionalRead: 1 }, requestsOfOthers: { read: 1 } },
  update: { name: 'partial update', requests: { update: 1 } },
  replace: { name: 'replace', requests: { replace: 1 } },
  deleteKeys: { name: 'delete keys', requests: { deleteKeys: 1 } },
  updateOrganization: { name: 'organization update', requests: { updateOrganization: 1 } },
  mix: { name: '90/10 mix', requests: { read: 9, update: 1 } },
};

/** The settings of each organization in the beginning, and after an update. */
export function initialSettings(bytes) {
  return { ...settingsOf(bytes), displayName: '<name>' };
}

export function updatedSettings(bytes) {
  const { retentionPolicy, security, ...others } = initialSettings(bytes);
  return {
    ...others,
    maxFileSize: '20GB',
    retentionPolicy: { ...retentionPolicy, days: 90 },
    security: { ...security, requireMFA: false, sessionTimeout: '<last>' },
  };
}

function replacement() {
  const { security, ...others } = initialSettings(KILOBYTE);
  return { ...others, security: { ...security, sessionTimeout: '<number>' } };
}

function numbered(value) {
  return unquoted(JSON.stringify(value));
}

/** JSON text with the placeholders of numbers outside of quotes. */
export function unquoted(text) {
  return text.replace(/"<(number|last)>"/g, '<$1>');
}
