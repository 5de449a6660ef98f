import { randomBytes } from 'node:crypto';

export interface Version {
  version: number;
  operation: string;
  actor: { id: string };
  paths: string[];
  reason: string | null;
  thinned?: boolean;
}

export const QUOTA = 64 * 1024;

/** Of each document so many versions keep their content, whatever it takes. */
export const NEWEST = 20;

/** What a service with that quota starts with. */
export const VARIABLES = { HISTORY_MAX_BYTES: String(QUOTA), HISTORY_KEEP_VERSIONS: '5', HISTORY_KEEP_DAYS: '30' };

/** Nothing that PostgreSQL could compress. */
export const noise = (length: number) => randomBytes(length).toString('base64').slice(0, length);

export const THINNED = { success: false, message: 'Version not found', error: 'its content was thinned' };
