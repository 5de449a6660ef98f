import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Environment } from '../config/environment.js';
import { connectionShares } from './data-source-options.js';

const INSTANCES = 3;

it('leaves reads a session of the documented PgBouncer while changes of all instances wait for locks', () => {
  const configuration = readFileSync('deploy/three-instances/pgbouncer.ini', 'utf8');
  const [, sessions] = /^default_pool_size = (\d+)$/m.exec(configuration)!;
  const { changes } = connectionShares(new Environment());
  expect(INSTANCES * changes).toBeLessThan(Number(sessions));
});
