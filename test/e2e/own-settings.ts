import { expect } from 'vitest';
import type { TestApp } from '../support/app.js';
import type { TestOrganization } from '../support/factories.js';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** What tests ask of the settings of a user, text by text. The application and the organization may come later. */
export function ownSettings(now: () => { app: TestApp; organization: TestOrganization }) {
  const send = (method: string, body?: unknown) => {
    const { app, organization } = now();
    return app.request(method, '/settings/user', { as: organization.user, body });
  };
  const store = async (settings: string) => {
    const answer = await send('POST', `{"settings":${settings}}`);
    expect(answer.text).toContain('"success":true');
  };
  const textOfSettings = async () => (await send('GET')).text.slice('{"success":true,"settings":'.length, -1);
  const read = async () => JSON.parse(await textOfSettings()) as Json;

  return { send, store, textOfSettings, read };
}
