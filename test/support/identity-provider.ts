import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import Provider, { type Configuration } from 'oidc-provider';
import { freePort } from './free-port.js';

export type Algorithm = 'RS256' | 'ES256' | 'EdDSA';

export const AUDIENCE = 'https://settings.example.com';

const CLIENT = { id: 'web', secret: randomBytes(24).toString('hex'), callback: 'https://app.example.com/callback' };

/** A page that signs people in: it has no secret, and is on any port of this machine (RFC 8252 §7.3). */
const CONSOLE = { id: 'console', callback: 'http://127.0.0.1/console' };

/** A key pair as a private JWK, named after its algorithm and a number that tells the generations apart. */
export async function aSigningKey(alg: Algorithm, generation = 1): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: `${alg}-${generation}`, alg, use: 'sig' };
}

/** An OpenID provider on the loopback address, at which anybody signs in as whom they say. */
export class TestIdentityProvider {
  /** What the access tokens of a subject claim beside. */
  readonly claims = new Map<string, Record<string, unknown>>();
  private server: Server | undefined;

  private constructor(readonly port: number) {}

  static async start(keys: JWK[]): Promise<TestIdentityProvider> {
    const provider = new TestIdentityProvider(await freePort());
    await provider.up(keys);
    return provider;
  }

  get issuer(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What configures the service for it. */
  get variables(): Record<string, string> {
    return { JWT_SECRET: '', JWT_JWKS_URI: `${this.issuer}/jwks`, JWT_ISSUER: this.issuer, JWT_AUDIENCE: AUDIENCE };
  }

  /** Starts it with these keys, at the same address as before. */
  async up(keys: JWK[]): Promise<void> {
    const provider = new Provider(this.issuer, configuration(keys, this.claims));
    provider.use(async (context, next): Promise<unknown> => {
      if (!context.path.startsWith('/interaction/')) return next();
      const { params } = await provider.interactionDetails(context.req, context.res);
      const login = { accountId: String(params['login_hint']) };
      context.respond = false;
      await provider.interactionFinished(context.req, context.res, { login, consent: {} });
    });
    const handle = provider.callback();
    this.server = createServer((request, response) => void handle(request, response));
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async down(): Promise<void> {
    if (this.server?.listening !== true) return;
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  /** The access token of a user who signs in: authorization code with PKCE (RFC 7636), for our audience (RFC 8707). */
  async tokenOf(subject: string, alg: Algorithm): Promise<string> {
    const verifier = randomBytes(32).toString('base64url');
    const code = await this.signIn({
      client_id: CLIENT.id,
      redirect_uri: CLIENT.callback,
      response_type: 'code',
      scope: 'openid',
      login_hint: subject,
      resource: resourceOf(alg),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    return this.fetchToken({
      grant_type: 'authorization_code',
      redirect_uri: CLIENT.callback,
      code,
      code_verifier: verifier,
      resource: resourceOf(alg),
    });
  }

  /** The access token of the client itself, whose subject is the client's id: `web`. */
  clientToken(alg: Algorithm): Promise<string> {
    return this.fetchToken({ grant_type: 'client_credentials', resource: resourceOf(alg) });
  }

  /** Does what a browser does. @returns the code */
  private async signIn(params: Record<string, string>): Promise<string> {
    const cookies = new Map<string, string>();
    let url = new URL(`/auth?${new URLSearchParams(params).toString()}`, this.issuer);
    while (url.origin === this.issuer) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
      for (const set of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        if (value === '') cookies.delete(name);
        else cookies.set(name, value);
      }
      const location = answer.headers.get('location');
      if (location === null) throw new Error(`No sign-in: ${answer.status} ${await answer.text()}`);
      url = new URL(location, url);
    }
    return url.searchParams.get('code') ?? '';
  }

  private async fetchToken(params: Record<string, string>): Promise<string> {
    const body = new URLSearchParams({ client_id: CLIENT.id, client_secret: CLIENT.secret, ...params });
    const answer = await fetch(`${this.issuer}/token`, { method: 'POST', body });
    if (!answer.ok) throw new Error(`No token: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { access_token: string }).access_token;
  }
}

/** The provider takes the algorithm from the resource that a token is asked for. */
function resourceOf(alg: Algorithm): string {
  return `${AUDIENCE}/${alg}`;
}

function configuration(keys: JWK[], claims: ReadonlyMap<string, Record<string, unknown>>): Configuration {
  return {
    jwks: { keys: keys },
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [CLIENT.callback],
        response_types: ['code'],
        grant_types: ['authorization_code', 'client_credentials'],
        token_endpoint_auth_method: 'client_secret_post',
        id_token_signed_response_alg: keys[0]?.alg as Algorithm,
      },
      {
        client_id: CONSOLE.id,
        application_type: 'native',
        redirect_uris: [CONSOLE.callback],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        token_endpoint_auth_method: 'none',
        id_token_signed_response_alg: keys[0]?.alg as Algorithm,
      },
    ],
    clientBasedCORS: () => true,
    cookies: { keys: [randomBytes(16).toString('hex')] },
    extraTokenClaims: (_, token) => claims.get('accountId' in token ? (token.accountId ?? '') : ''),
    findAccount: (_, subject) => ({ accountId: subject, claims: () => ({ sub: subject }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ accountId: oidc.session?.accountId, clientId: oidc.client?.clientId });
      grant.addOIDCScope('openid');
      await grant.save();
      return grant;
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => ({
          scope: 'settings',
          audience: AUDIENCE,
          accessTokenTTL: 300,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: new URL(resource).pathname.slice(1) as Algorithm } },
        }),
      },
    },
    ttl: {
      AccessToken: 300,
      AuthorizationCode: 60,
      ClientCredentials: 300,
      Grant: 300,
      Interaction: 60,
      Session: 300,
      IdToken: 300,
    },
  };
}
