import { Module } from '@nestjs/common';
import { SignInGuard } from './sign-in.guard.js';
import { SignInRepository } from './sign-in.repository.js';
import { SignInService } from './sign-in.service.js';
import { UserRepository } from './user.repository.js';

@Module({
  providers: [UserRepository, SignInGuard, SignInRepository, SignInService],
  exports: [UserRepository, SignInGuard],
})
export class UserModule {}
