import type { KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import jwt from 'jsonwebtoken';
import { SIGNING_KEY } from './signing-key.js';

/** Issues the tokens that this service accepts. */
@Injectable()
export class TokenService {
  constructor(@Inject(SIGNING_KEY) private readonly key: KeyObject) {}

  /** A JWT (RFC 7519, HS256) whose subject is the user, good for so many seconds from now. */
  issue(userId: string, expiresInSeconds: number): string {
    return jwt.sign({}, this.key, { algorithm: 'HS256', subject: userId, expiresIn: expiresInSeconds });
  }
}
