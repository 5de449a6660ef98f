import { Module } from '@nestjs/common';
import { Environment } from '../config/environment.js';
import { JwtStrategy } from './jwt.strategy.js';
import { loadSigningKey, SIGNING_KEY } from './signing-key.js';
import { TokenService } from './token.service.js';

@Module({
  providers: [{ provide: SIGNING_KEY, inject: [Environment], useFactory: loadSigningKey }, JwtStrategy, TokenService],
  exports: [TokenService],
})
export class AuthModule {}
