import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { AdminModule } from './admin/admin.module.js';
import { AllOrganizationsModule } from './all-organizations/all-organizations.module.js';
import { AuthModule } from './auth/auth.module.js';
import { JwtAuthGuard } from './auth/jwt-auth.guard.js';
import { ErrorFilter } from './common/http/error.filter.js';
import { QueryGuard } from './common/validation/query.guard.js';
import { ConfigModule } from './config/config.module.js';
import type { Environment } from './config/environment.js';
import { DatabaseModule } from './database/database.module.js';
import { LargeBodyGuard } from './database/large-body.guard.js';
import { OverloadGuard } from './database/overload.guard.js';
import { DemoModule } from './demo/demo.module.js';
import { entities } from './entities.js';
import { HealthModule } from './health/health.module.js';
import { LayersModule } from './layers/layers.module.js';
import { MemberTargetGuard } from './member/member-target.guard.js';
import { MemberModule } from './member/member.module.js';
import { HistoryModule } from './history/history.module.js';
import { InvitationDeliveryModule } from './invitation/invitation-delivery.module.js';
import { ObservabilityModule } from './observability/observability.module.js';
import { OrganizationModule } from './organization/organization.module.js';
import { RolesGuard } from './organization/roles.guard.js';
import { CallerRateLimitGuard, OrganizationRateLimitGuard } from './rate-limit/rate-limit.guard.js';
import { RateLimitModule } from './rate-limit/rate-limit.module.js';
import { ServiceAccountModule } from './service-account/service-account.module.js';
import { SettingsModule } from './settings/settings.module.js';
import { SystemEventModule } from './system-event/system-event.module.js';
import { SignInGuard } from './user/sign-in.guard.js';
import { UserModule } from './user/user.module.js';

/** The list of modules, and what holds for every route: the error filter, and the guards in their order. */
@Module({})
export class AppModule {
  /** @param isCommand true: a database that is away ends the start at once, and statements have no time limit */
  static register(environment: Environment, { isCommand = false } = {}): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.register(environment),
        DatabaseModule.register(environment, entities, isCommand),
        AuthModule.register(environment),
        UserModule,
        ServiceAccountModule,
        OrganizationModule,
        MemberModule,
        LayersModule,
        SettingsModule,
        AllOrganizationsModule,
        SystemEventModule,
        HistoryModule,
        RateLimitModule,
        ObservabilityModule,
        ...(isCommand ? [] : [InvitationDeliveryModule]),
        HealthModule,
        AdminModule,
        DemoModule,
      ],
      providers: [
        { provide: APP_FILTER, useClass: ErrorFilter },
        { provide: APP_GUARD, useClass: JwtAuthGuard },
        { provide: APP_GUARD, useExisting: CallerRateLimitGuard },
        { provide: APP_GUARD, useExisting: OverloadGuard },
        { provide: APP_GUARD, useExisting: SignInGuard },
        { provide: APP_GUARD, useExisting: RolesGuard },
        { provide: APP_GUARD, useExisting: OrganizationRateLimitGuard },
        { provide: APP_GUARD, useExisting: MemberTargetGuard },
        { provide: APP_GUARD, useClass: QueryGuard },
        { provide: APP_GUARD, useClass: LargeBodyGuard },
      ],
    };
  }
}
