import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PostgresServer } from '../support/postgres-server.js';

/** Says of a PostgreSQL server what Patroni's REST API says: `/primary` answers 200 of a primary, 503 of any other. */
export class RoleCheck {
  private constructor(private readonly server: Server) {}

  static async of(postgres: PostgresServer): Promise<RoleCheck> {
    const isPrimary = () =>
      postgres.query<{ is: boolean }>('select not pg_is_in_recovery() as is').then(
        ([row]) => row!.is,
        () => false,
      );
    const server = createServer((_, reply) => {
      void isPrimary().then((is) => reply.writeHead(is ? 200 : 503).end());
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new RoleCheck(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
