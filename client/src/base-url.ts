const PRODUCTION = 'https://backend.flashback.tech';

/**
 * The service's address, without a slash at its end.
 *
 * @param baseUrl absent: the environment's `FLASHBACK_BASE_URL`, where there is an environment that names one
 * @throws TypeError unless it is an http or https address without credentials, query and fragment
 */
export function resolveBaseUrl(baseUrl = environmentBaseUrl() || PRODUCTION): string {
  if (!/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/i.test(baseUrl)) {
    throw new TypeError('baseUrl must be an http or https address without credentials, query and fragment');
  }
  return baseUrl.replace(/\/+$/, '');
}

/** Browsers and edge runtimes have no `process`, and need not have its `env`. */
function environmentBaseUrl(): string | undefined {
  const platform = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return platform.process?.env?.['FLASHBACK_BASE_URL'];
}
