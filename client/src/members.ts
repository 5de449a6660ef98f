import type { CallOptions, ChangeOptions, MakeRequest } from './call.js';
import { pathOf } from './path-of.js';
import type { Versioned } from './schema.js';
import type {
  CreateMemberRequest,
  ListMembersOptions,
  ListMembersResponse,
  Member,
  MemberWrittenResponse,
  UpdateMemberRequest,
  UserWrittenResponse,
} from './user-types.js';
import { withQuery } from './with-query.js';

const PATH = 'organization/users';

/** The members of the caller's organization. For WORKSPACES, administrators and owners; roles say who may do what. */
export class MembersResource {
  readonly #request: MakeRequest;

  constructor(request: MakeRequest) {
    this.#request = request;
  }

  /** By email, deleted ones too. */
  async list({ limit, after, deleted, ...options }: ListMembersOptions = {}): Promise<ListMembersResponse> {
    const path = withQuery(PATH, { limit, after, deleted: deleted === false ? 'false' : undefined });
    return this.#request(path, 'GET', undefined, { ...options, withNext: true });
  }

  async get(userId: string, options?: CallOptions): Promise<Member & Versioned> {
    return this.#request(pathOf(PATH, userId), 'GET', undefined, { ...options, withVersion: true });
  }

  /** Has an invitation sent, unless `sendInvite` is false. After a lost reply, the email is a `conflict`. */
  async create(
    request: CreateMemberRequest,
    options?: Omit<ChangeOptions, 'ifVersion'>,
  ): Promise<MemberWrittenResponse> {
    return this.#request(PATH, 'POST', request, { ...options, withVersion: true });
  }

  /** Absent fields stay. */
  async update(userId: string, request: UpdateMemberRequest, options?: ChangeOptions): Promise<MemberWrittenResponse> {
    return this.#request(pathOf(PATH, userId), 'PUT', request, { ...options, withVersion: true });
  }

  /** Again is no error. */
  async delete(userId: string, options?: ChangeOptions): Promise<UserWrittenResponse> {
    const isRepeatable = true;
    return this.#request(pathOf(PATH, userId), 'DELETE', undefined, {
      isRepeatable,
      ...options,
      withVersion: true,
    });
  }

  /** Takes a deletion back. */
  async activate(userId: string, options?: Omit<ChangeOptions, 'ifVersion'>): Promise<UserWrittenResponse> {
    const path = `${pathOf(PATH, userId)}/activate`;
    return this.#request(path, 'POST', undefined, { ...options, withVersion: true });
  }

  /** Of somebody who has not come yet; at most once in ten minutes. */
  async resendInvitation(userId: string, options?: Omit<ChangeOptions, 'ifVersion'>): Promise<UserWrittenResponse> {
    const path = `${pathOf(PATH, userId)}/resend-invitation`;
    return this.#request(path, 'POST', undefined, { ...options, withVersion: true });
  }
}
