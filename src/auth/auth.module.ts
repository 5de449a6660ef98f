import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import type { Environment, IdentityProvider } from '../config/environment.js';
import { JwksStrategy } from './jwks.strategy.js';
import { JwtStrategy } from './jwt.strategy.js';
import { KeySet } from './key-set.js';
import { loadSigningKey, SIGNING_KEY } from './signing-key.js';
import { TokenService } from './token.service.js';

/** One strategy named `jwt`: for the tokens of an identity provider, or for those that `JWT_SECRET` signs. */
@Module({})
export class AuthModule {
  static register(environment: Environment): DynamicModule {
    const { identityProvider } = environment;
    const providers = identityProvider === undefined ? withSecret(environment) : withKeysOf(identityProvider);
    return { module: AuthModule, global: true, providers, exports: identityProvider === undefined ? [] : [KeySet] };
  }
}

function withSecret(environment: Environment): Provider[] {
  return [{ provide: SIGNING_KEY, useFactory: () => loadSigningKey(environment) }, JwtStrategy, TokenService];
}

function withKeysOf(provider: IdentityProvider): Provider[] {
  return [
    { provide: KeySet, useFactory: () => new KeySet(provider.keysUri, provider.refreshSeconds * 1000) },
    { provide: JwksStrategy, inject: [KeySet], useFactory: (keys: KeySet) => new JwksStrategy(keys, provider) },
  ];
}
