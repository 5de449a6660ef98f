import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import type { Environment, IdentityProvider } from '../config/environment.js';
import { TokenMemory } from './token-memory.js';
import { TokenVerifier } from './token-verifier.js';

/**
 * One strategy named `jwt`: for the tokens of an identity provider, or for those that `JWT_SECRET` signs. Only what
 * that one needs is loaded.
 */
@Module({})
export class AuthModule {
  static async register(environment: Environment): Promise<DynamicModule> {
    const { identityProvider } = environment;
    const parts = await (identityProvider === undefined
      ? withSecret(environment)
      : withKeysOf(identityProvider, environment));
    return { module: AuthModule, global: true, ...parts };
  }
}

type Parts = Pick<DynamicModule, 'providers' | 'exports'>;

async function withSecret(environment: Environment): Promise<Parts> {
  const [{ JwtStrategy }, { loadSigningKey, SIGNING_KEY }, { TokenService }] = await Promise.all([
    import('./jwt.strategy.js'),
    import('./signing-key.js'),
    import('./token.service.js'),
  ]);
  const providers = [
    { provide: SIGNING_KEY, useFactory: () => loadSigningKey(environment) },
    JwtStrategy,
    { provide: TokenMemory, useExisting: JwtStrategy },
    TokenVerifier,
    TokenService,
  ];
  return { providers, exports: [TokenVerifier] };
}

async function withKeysOf(provider: IdentityProvider, { emailClaims }: Environment): Promise<Parts> {
  const [{ JwksStrategy }, { KeySet }] = await Promise.all([import('./jwks.strategy.js'), import('./key-set.js')]);
  const providers: Provider[] = [
    { provide: KeySet, useFactory: () => new KeySet(provider.keysUri, provider.refreshSeconds * 1000) },
    {
      provide: JwksStrategy,
      inject: [KeySet],
      useFactory: (keys) => new JwksStrategy(keys as never, provider, emailClaims),
    },
    { provide: TokenMemory, useExisting: JwksStrategy },
    TokenVerifier,
  ];
  return { providers, exports: [TokenVerifier, KeySet] };
}
