import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SignInGuard } from './sign-in.guard.js';
import { SignInRepository } from './sign-in.repository.js';
import { SignInService } from './sign-in.service.js';
import { User } from './user.entity.js';
import { UserRepository } from './user.repository.js';

@Module({
  imports: [TypeOrmModule.forFeature([User])],
  providers: [UserRepository, SignInGuard, SignInRepository, SignInService],
  exports: [UserRepository, SignInGuard],
})
export class UserModule {}
