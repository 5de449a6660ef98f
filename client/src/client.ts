import { resolveBaseUrl } from './base-url.js';
import { type Call, type CallOptions, type MakeRequest, type Method, READ, type RequestOptions } from './call.js';
import type { FlashbackClientOptions } from './client-options.js';
import { EffectiveSettingsResource } from './effective-settings.js';
import { OrganizationResource } from './organization.js';
import { OrganizationsResource } from './organizations.js';
import { fetchReply, perform, type ResolvedOptions } from './perform.js';
import { recall } from './recall.js';
import { readReply } from './reply.js';
import { requestHeaders } from './request-headers.js';
import type {
  AnyDeploymentSettings,
  DeploymentSettings,
  SettingsBatchResponse,
  WantedSettings,
} from './settings-types.js';
import { GoverningSettingsResource, SettingsResource } from './settings.js';
import { SystemEventsResource } from './system-events.js';
import { UsersResource } from './users.js';

/**
 * The settings and the organization of whoever the access token names.
 *
 * Every method resolves to the reply's body, and throws a `FlashbackError` for everything that is no success. Reads
 * are repeated after a passing failure, and so are writes that cannot be applied twice; other writes only where the
 * request surely was not applied.
 *
 * @typeParam Settings what is known of them, for all methods that are not told otherwise
 */
export class FlashbackClient<Settings extends DeploymentSettings = AnyDeploymentSettings> {
  readonly settings: {
    readonly organization: GoverningSettingsResource<Settings['organization']>;
    readonly user: SettingsResource<Settings['user']>;
    /** What holds where no organization and no user says more; for service accounts of all organizations. */
    readonly system: GoverningSettingsResource;
    readonly effective: EffectiveSettingsResource<Settings['effective']>;
    /** Reads the settings of up to 100 organizations; for service accounts of all organizations. */
    readonly batch: (organizations: readonly WantedSettings[], options?: CallOptions) => Promise<SettingsBatchResponse>;
  };
  readonly organizations: OrganizationsResource;
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
      patienceMs: options.timeoutMs === undefined ? PATIENCE_MS : 0,
      attemptTimeoutMs: options.attemptTimeoutMs ?? 10_000,
      retries: options.retries ?? 2,
      // Looked up at each call, because tracing and tests replace the global.
      fetch: options.fetch ?? ((...request) => fetch(...request)),
      json: options.json ?? JSON,
    };
    this.#organizationId = options.organizationId;
    const request: MakeRequest = (...args) => this.makeRequest(...args);
    this.settings = {
      organization: new GoverningSettingsResource(request, 'settings/organization'),
      user: new SettingsResource(request, 'settings/user'),
      system: new GoverningSettingsResource(request, 'settings/system'),
      effective: new EffectiveSettingsResource(request),
      batch: (organizations, options) =>
        request('settings/batch', 'POST', { organizations }, { ...options, isRepeatable: true }),
    };
    this.organizations = new OrganizationsResource(request);
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
    const { json } = this.#options;
    const { ifVersion, versionsPath } = options;
    const url = this.#urlOf(path);
    const text = body === undefined ? undefined : json.stringify(body);
    const organization = this.#organizationFor(path, options.organizationId);
    const isConditional = ifVersion !== undefined;
    const call: Call = {
      ...options,
      name: `${method} ${url}`,
      method,
      url,
      headers: { ...requestHeaders(text, options), ...organization },
      body: text,
      isRepeatable: options.isRepeatable ?? (isConditional || method === 'GET' || method === 'HEAD'),
      isConditional,
      recall:
        isConditional && versionsPath !== undefined
          ? (signal) => recall(this.#urlOf(versionsPath), ifVersion, call, organization, this.#options, signal)
          : undefined,
    };
    return perform(call, this.#options, options.signal) as Promise<T>;
  }

  /**
   * One attempt at a GET whose reply goes on for as long as the signal is not aborted, such as a stream of events. The
   * time limits of calls do not hold.
   *
   * @throws FlashbackError; what `accessToken` throws
   */
  async openStream(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
    const url = this.#urlOf(path);
    const call = { ...READ, name: `GET ${url}`, url, headers: { ...this.#organizationFor(path), ...headers } };
    const response = await fetchReply(call, this.#options, signal);
    // Throws for every refusal.
    if (!response.ok) readReply(call, response, await response.text(), this.#options.json);
    return response;
  }

  /** The header that names the organization, where the path or the caller wants one. */
  #organizationFor(
    path: string,
    organizationId = namesOrganization(path) ? this.#organizationId : undefined,
  ): Record<string, string> {
    return organizationId === undefined ? {} : { 'x-organization-id': organizationId };
  }

  #urlOf(path: string): string {
    return `${this.#options.baseUrl}/${path.replace(/^\/+/, '')}`;
  }
}

/** For how long a call follows what the service asks for, unless it has a time limit: two of its minutes. */
const PATIENCE_MS = 120_000;

/** Whether a service account has to name the organization that a path is about. */
function namesOrganization(path: string): boolean {
  return /^\/*(settings\/(organization|effective|stream)|organization\/users|mfa\/organization|user)(?![^/?])/.test(
    path,
  );
}
