import type * as OAuth from 'oauth4webapi';
import { texts } from '../texts.js';
import { pageUrl, type ProviderConfiguration } from './configuration.js';

/** What has to outlive the way to the provider and back. No token is among it. */
interface Pending {
  readonly verifier: string;
  readonly state: string;
  readonly route: string;
}

const PENDING = 'console.sign-in';

/** Loaded only by who needs it. */
const library = () => import('oauth4webapi');

async function discover(oauth: typeof OAuth, { issuer }: ProviderConfiguration): Promise<OAuth.AuthorizationServer> {
  const url = new URL(issuer);
  try {
    const reply = await oauth.discoveryRequest(url, insecure(oauth, url));
    return await oauth.processDiscoveryResponse(url, reply);
  } catch (cause) {
    throw new Error(texts.signIn.away(url.host), { cause });
  }
}

/** The service takes http:// of a provider on the same machine, too. */
function insecure(oauth: typeof OAuth, { protocol, hostname }: URL): { [oauth.allowInsecureRequests]?: true } {
  const isLocal = protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  return isLocal ? { [oauth.allowInsecureRequests]: true } : {};
}

/** Goes to the identity provider: authorization code with PKCE (RFC 7636, RFC 9700 §2.1.1). */
export async function leaveForProvider(configuration: ProviderConfiguration): Promise<void> {
  const oauth = await library();
  const server = await discover(oauth, configuration);
  if (server.authorization_endpoint === undefined) throw new Error(texts.signIn.noEndpoint);
  const pending: Pending = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    route: location.hash,
  };
  const url = new URL(server.authorization_endpoint);
  const parameters = {
    scope: 'openid',
    ...configuration.parameters,
    client_id: configuration.clientId,
    redirect_uri: pageUrl,
    response_type: 'code',
    state: pending.state,
    code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  location.assign(url);
}

/** Whether the address is that of somebody who comes back from the provider. */
export function comesFromProvider(): boolean {
  const query = new URLSearchParams(location.search);
  return query.has('state') && (query.has('code') || query.has('error'));
}

/**
 * Finishes what `leaveForProvider` began, and takes the code out of the address.
 *
 * @returns the access token
 * @throws Error in words, where the provider refuses
 */
export async function returnFromProvider(configuration: ProviderConfiguration): Promise<string> {
  const address = new URL(location.href);
  const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? '{}') as Partial<Pending>;
  sessionStorage.removeItem(PENDING);
  history.replaceState(null, '', pageUrl);
  // A change of the fragment, which the page hears of.
  if (pending.route) location.replace(`${pageUrl}${pending.route}`);
  if (pending.verifier === undefined || pending.state === undefined) throw new Error(texts.signIn.notBegun);
  const oauth = await library();
  const server = await discover(oauth, configuration);
  try {
    return await exchange(oauth, server, configuration, address, pending.state, pending.verifier);
  } catch (cause) {
    const { error, error_description: why } = cause as { error?: string; error_description?: string };
    const words = error === undefined ? texts.signIn.noAnswer : texts.signIn.refused(why ?? error);
    throw new Error(words, { cause });
  }
}

/** Exchanges the code in the address for a token. */
async function exchange(
  oauth: typeof OAuth,
  server: OAuth.AuthorizationServer,
  { issuer, clientId, parameters: { resource } }: ProviderConfiguration,
  address: URL,
  state: string,
  verifier: string,
): Promise<string> {
  const browser: OAuth.Client = { client_id: clientId };
  const answer = oauth.validateAuthResponse(server, browser, address, state);
  const reply = await oauth.authorizationCodeGrantRequest(server, browser, oauth.None(), answer, pageUrl, verifier, {
    ...insecure(oauth, new URL(issuer)),
    // RFC 8707 §2.2
    ...(resource !== undefined && { additionalParameters: { resource } }),
  });
  const { access_token: token } = await oauth.processAuthorizationCodeResponse(server, browser, reply);
  return token;
}
