import type { CallOptions, ChangeOptions, MakeRequest } from './call.js';
import { pathOf } from './path-of.js';
import type {
  GetUserProfileResponse,
  GetUserRoleResponse,
  Role,
  SetRoleResponse,
  UpdateUserRequest,
  UserWrittenResponse,
} from './user-types.js';

/** Users as they, and their colleagues, see them. */
export class UsersResource {
  readonly #request: MakeRequest;

  constructor(request: MakeRequest) {
    this.#request = request;
  }

  /** Who the caller is; for users only. */
  async profile(options?: CallOptions): Promise<GetUserProfileResponse> {
    return this.#request('user/profile', 'GET', undefined, options);
  }

  /** The role of a member of the same organization. */
  async get(userId: string, options?: CallOptions): Promise<GetUserRoleResponse> {
    return this.#request(pathOf('user', userId), 'GET', undefined, { ...options, withVersion: true });
  }

  /** The names of the caller, or of a member whom they may change. */
  async update(userId: string, request: UpdateUserRequest, options?: ChangeOptions): Promise<UserWrittenResponse> {
    return this.#request(pathOf('user', userId), 'PUT', request, { ...options, withVersion: true });
  }

  async setRole(userId: string, orgRole: Role, options?: ChangeOptions): Promise<SetRoleResponse> {
    const path = `${pathOf('user', userId)}/role`;
    return this.#request(path, 'PUT', { orgRole }, { ...options, withVersion: true });
  }
}
