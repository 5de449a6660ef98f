import { readFileSync } from 'node:fs';
import type { PostgresServer } from './postgres-server.js';

/**
 * Makes the two roles of the README, with the rights that it gives them.
 *
 * @param connections how many the service's role may have; absent: any number
 * @returns the environment variables of a service that works with them
 */
export async function createRoles(server: PostgresServer, connections = -1): Promise<Record<string, string>> {
  const grants = /```sql\n(grant [^`]+ to migrator;[^`]+)```/.exec(readFileSync('README.md', 'utf8'))![1]!;
  await server.query('create role migrator login');
  await server.query(`create role service login connection limit ${connections}`);
  await server.query(grants);
  return {
    DATABASE_URL: server.url('service'),
    MIGRATION_DATABASE_URL: server.url('migrator'),
    MIGRATE_ON_START: 'true',
  };
}
