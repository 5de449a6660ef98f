import { type DynamicModule, Module } from '@nestjs/common';
import { Environment } from './environment.js';

/** Hands the validated environment to whoever asks for it. */
@Module({})
export class ConfigModule {
  static register(environment: Environment): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: Environment, useValue: environment }],
      exports: [Environment],
    };
  }
}
