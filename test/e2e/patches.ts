import { expect } from 'vitest';
import type { TestApp } from '../support/app.js';

export const MERGE_PATCH = 'application/merge-patch+json';
export const JSON_PATCH = 'application/json-patch+json';

/** What tests ask of the settings at a path, in the name of a user. */
export const settingsAt = (app: TestApp, path: string, as: string) => ({
  store: async (settings: unknown) => {
    const text = typeof settings === 'string' ? settings : JSON.stringify(settings);
    expect((await app.request('POST', path, { as, body: `{"settings":${text}}` })).status).toBe(200);
  },
  read: async () => (await app.request('GET', path, { as })).text.slice('{"success":true,"settings":'.length, -1),
  patch: (type: string, body: unknown) => app.request('PATCH', path, { as, body, headers: { 'content-type': type } }),
});
