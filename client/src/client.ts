import { resolveBaseUrl } from './base-url.js';
import type { Call, MakeRequest, Method, RequestOptions } from './call.js';
import type { FlashbackClientOptions } from './client-options.js';
import { OrganizationResource } from './organization.js';
import { perform, type ResolvedOptions } from './perform.js';
import { recall } from './recall.js';
import { requestHeaders } from './request-headers.js';
import { SettingsResource } from './settings.js';
import { SystemEventsResource } from './system-events.js';
import { UsersResource } from './users.js';

/**
 * The settings and the organization of whoever the access token names.
 *
 * Every method resolves to the reply's body, and throws a `FlashbackError` for everything that is no success. Reads
 * are repeated after a passing failure, and so are writes that cannot be applied twice; other writes only where the
 * request surely was not applied.
 */
export class FlashbackClient {
  readonly settings: {
    readonly organization: SettingsResource;
    readonly user: SettingsResource;
  };
  readonly organization: OrganizationResource;
  readonly users: UsersResource;
  readonly systemEvents: SystemEventsResource;
  readonly #options: ResolvedOptions;
  readonly #organizationId: string | undefined;

  /** @throws TypeError when the base address is none */
  constructor(options: FlashbackClientOptions) {
    this.#options = {
      baseUrl: resolveBaseUrl(options.baseUrl),
      accessToken: options.accessToken,
      timeoutMs: options.timeoutMs ?? 30_000,
      attemptTimeoutMs: options.attemptTimeoutMs ?? 10_000,
      retries: options.retries ?? 2,
      // Looked up at each call, because tracing and tests replace the global.
      fetch: options.fetch ?? ((...request) => fetch(...request)),
      json: options.json ?? JSON,
    };
    this.#organizationId = options.organizationId;
    const request: MakeRequest = (...args) => this.makeRequest(...args);
    this.settings = {
      organization: new SettingsResource(request, 'settings/organization'),
      user: new SettingsResource(request, 'settings/user'),
    };
    this.organization = new OrganizationResource(request);
    this.users = new UsersResource(request);
    this.systemEvents = new SystemEventsResource(request);
  }

  /**
   * One request to any path of the service, with the same token, errors, time limits and retries as every other method.
   *
   * @param path with or without a slash at its start; whatever it looks like, it leads to no other host
   * @param body anything that becomes JSON; none when `undefined`
   * @throws FlashbackError; what `accessToken` throws
   * @throws TypeError for an `ifVersion` or an `ifNotVersion` that is no version
   */
  async makeRequest<T = unknown>(
    path: string,
    method: Method,
    body?: unknown,
    options: RequestOptions = {},
  ): Promise<T> {
    const { json, timeoutMs } = this.#options;
    const { ifVersion, versionsPath, withNext, withVersion = false } = options;
    const url = this.#urlOf(path);
    const text = body === undefined ? undefined : json.stringify(body);
    const organizationId = options.organizationId ?? (namesOrganization(path) ? this.#organizationId : undefined);
    const organization: Record<string, string> =
      organizationId === undefined ? {} : { 'x-organization-id': organizationId };
    const headers = { ...requestHeaders(text, options), ...organization };
    const isConditional = ifVersion !== undefined;
    const call: Call = {
      name: `${method} ${url}`,
      method,
      url,
      headers,
      body: text,
      withVersion,
      withNext,
      isRepeatable: options.isRepeatable ?? (isConditional || method === 'GET' || method === 'HEAD'),
      isConditional,
      recall:
        isConditional && versionsPath !== undefined
          ? (signal) => recall(this.#urlOf(versionsPath), ifVersion, call, organization, this.#options, signal)
          : undefined,
    };
    const reply = await perform(call, this.#options, options.timeoutMs ?? timeoutMs, options.signal);
    return reply as T;
  }

  #urlOf(path: string): string {
    return `${this.#options.baseUrl}/${path.replace(/^\/+/, '')}`;
  }
}

/** Whether a service account has to name the organization that a path is about. */
function namesOrganization(path: string): boolean {
  return /^\/*(settings\/organization|organization\/users|mfa\/organization|user)(?![^/?])/.test(path);
}
