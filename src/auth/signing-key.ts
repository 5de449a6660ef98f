import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, EnvironmentError, MIN_SECRET_LENGTH } from '../config/environment.js';

/** The injection token of the HS256 key. */
export const SIGNING_KEY = Symbol('SIGNING_KEY');

/**
 * The HS256 key: `JWT_SECRET`, or, where none is given, one that is made once and kept in `DATA_DIR` (mode 600).
 * A `KeyObject`, because the verifier would first try to read a string as a public key, at each request.
 */
export function loadSigningKey(environment: Environment): KeyObject {
  return createSecretKey(environment.JWT_SECRET ?? generatedSecret(environment.DATA_DIR), 'utf8');
}

/** The key before it, where `JWT_SECRET_PREVIOUS` has one. */
export function loadPreviousKey({ JWT_SECRET_PREVIOUS: secret }: Environment): KeyObject | undefined {
  return secret === undefined ? undefined : createSecretKey(secret, 'utf8');
}

function generatedSecret(folder: string): string {
  const path = join(folder, 'jwt-secret');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(path)) createSecret(path);
  chmodSync(path, 0o600);
  const secret = readFileSync(path, 'utf8').trim();
  if (secret.length < MIN_SECRET_LENGTH) {
    throw new EnvironmentError([`${path} holds no usable secret: delete it, and a new one is made`]);
  }
  return secret;
}

function createSecret(path: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, randomBytes(48).toString('base64url'), { mode: 0o600, flush: true });
  try {
    // A link appears whole or not at all, so of two processes one makes the secret and both read it.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
}
