import { randomUUID } from 'node:crypto';
import type { RequestOptions, TestApp } from '../support/app.js';

export type Options = Omit<RequestOptions, 'as'>;

/** The requests about members, by their names. The application may start later. */
export function memberRequests(appOf: () => TestApp) {
  const ask = (as: string | undefined, method: string, path: string, body?: unknown, options: Options = {}) =>
    appOf().request(method, path, {
      ...(as !== undefined && { as }),
      ...(body !== undefined && { body }),
      ...options,
    });
  const list = (as: string, query = '') => ask(as, 'GET', `/organization/users${query}`);
  const get = (as: string, id: string, options?: Options) =>
    ask(as, 'GET', `/organization/users/${encodeURIComponent(id)}`, undefined, options);
  const create = (as: string, body: object = {}, options?: Options) =>
    ask(
      as,
      'POST',
      '/organization/users',
      { email: anEmail(), firstName: 'Grace', lastName: 'Hopper', ...body },
      options,
    );
  const update = (as: string, id: string, body: object, options?: Options) =>
    ask(as, 'PUT', `/organization/users/${id}`, body, options);
  const remove = (as: string, id: string, options?: Options) =>
    ask(as, 'DELETE', `/organization/users/${id}`, undefined, options);
  const activate = (as: string, id: string) => ask(as, 'POST', `/organization/users/${id}/activate`);
  const resend = (as: string, id: string) => ask(as, 'POST', `/organization/users/${id}/resend-invitation`);
  const setRole = (as: string, id: string, orgRole: unknown) => ask(as, 'PUT', `/user/${id}/role`, { orgRole });
  const rename = (as: string, id: string, body: object) => ask(as, 'PUT', `/user/${id}`, body);

  return { ask, list, get, create, update, remove, activate, resend, setRole, rename };
}

export const anEmail = () => `${randomUUID()}@example.com`;
export const dataOf = (answer: { body: unknown }) => (answer.body as { data: Record<string, unknown> }).data;
