import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { JWT_SECRET } from '../support/app.js';
import { Certificates, HAS_OPENSSL } from '../support/certificates.js';
import { describeWithPostgres } from '../support/describe-with-postgres.js';
import { giveToServer, PostgresServer } from '../support/postgres-server.js';
import { aFolder, runService, ServiceProcess } from '../support/process.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const PASSWORD = 'not to be seen';

/** Before the lines that let everybody in. */
const WHO_MAY = `
hostssl all careful 127.0.0.1/32 scram-sha-256
hostssl all certified 127.0.0.1/32 cert
host all careful,certified 127.0.0.1/32 reject
`;

describe.runIf(HAS_OPENSSL)('TLS', () => {
  describeWithPostgres('between the service and a server', () => {
    let certificates: Certificates;
    let server: PostgresServer;
    let folder: Awaited<ReturnType<typeof aFolder>>;
    let own: string;
    let others: string;
    let client: string;

    beforeAll(async () => {
      certificates = new Certificates();
      const authority = certificates.authority('Own');
      const { cert, key } = certificates.signedBy(authority, 'server', 'localhost');
      const { cert: sslcert, key: sslkey } = certificates.signedBy(authority, 'certified');
      own = `sslrootcert=${authority.cert}`;
      others = `sslrootcert=${certificates.authority('Another').cert}`;
      client = `sslcert=${sslcert}&sslkey=${sslkey}`;
      for (const path of [certificates.folder, cert, key, authority.cert]) giveToServer(path);
      server = await PostgresServer.start({
        ssl: 'on',
        ssl_cert_file: cert,
        ssl_key_file: key,
        ssl_ca_file: authority.cert,
      });
      await server.query(`create role careful superuser login password '${PASSWORD}'`);
      await server.query('create role certified superuser login');
      const rules = join(server.folder, 'data', 'pg_hba.conf');
      writeFileSync(rules, WHO_MAY + readFileSync(rules, 'utf8'));
      await server.query('select pg_reload_conf()');
      folder = await aFolder();
    });
    afterAll(async () => {
      await folder.remove();
      await server.drop();
      certificates.remove();
    });

    const variables = (user: string, parameters: string, host = 'localhost') => ({
      DATABASE_URL: `postgres://${user}@${host}:${server.port}/postgres?${parameters}`,
      MIGRATE_ON_START: 'true',
      NODE_ENV: 'production',
      JWT_SECRET,
    });
    const careful = `careful:${encodeURIComponent(PASSWORD)}`;

    it.each([
      ['a checked certificate and a password', careful, () => `sslmode=verify-full&${own}`],
      ['the same in fewer words', careful, () => own],
      ['a certificate on both sides', 'certified', () => `sslmode=verify-full&${own}&${client}`],
      ['any certificate, if that is asked for', careful, () => 'sslmode=no-verify'],
    ])('works with %s, on every connection', async (_, user, parameters) => {
      const service = await ServiceProcess.start(folder.path, variables(user, parameters()));
      expect((await fetch(`${service.url}/health`)).status).toBe(200);
      const connections = await server.query<{ ssl: boolean }>(
        `select distinct ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'flashback-backend'`,
      );
      expect(connections).toStrictEqual([{ ssl: true }]);
      expect(await service.kill('SIGTERM')).toBe(0);
    });

    it.each([
      [
        'whose certificate is of nobody who is trusted',
        () => variables(careful, 'sslmode=require'),
        'its certificate is not trusted (self-signed certificate in certificate chain): name the authority in sslrootcert',
      ],
      [
        'whose certificate is of another authority',
        () => variables(careful, `sslmode=verify-full&${others}`),
        'its certificate is not trusted (self-signed certificate in certificate chain): name the authority in sslrootcert',
      ],
      [
        'whose certificate is for another name',
        () => variables(careful, `sslmode=verify-ca&${own}`, '127.0.0.1'),
        "Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list: ",
      ],
      [
        'that asks for TLS',
        () => variables(careful, 'sslmode=disable'),
        'pg_hba.conf rejects connection for host "127.0.0.1", user "careful", database "postgres", no encryption',
      ],
      [
        'that asks for a password',
        () => variables('careful', own),
        'the server asks for a password, and the address has none',
      ],
      [
        'that asks for another password',
        () => variables('careful:wrong', own),
        'password authentication failed for user "careful"',
      ],
      [
        'that asks for a certificate',
        () => variables('certified', own),
        'connection requires a valid client certificate',
      ],
    ])('is refused in one line by a server %s', async (_, variablesOf, problem) => {
      expect(await runService(folder.path, variablesOf())).toStrictEqual({
        code: 1,
        stdout: '',
        stderr: `The database cannot be reached: ${problem}\n`,
      });
    });

    it('is not done without where it is asked for', async () => {
      const plain = await PostgresServer.start();
      const { stderr, ...end } = await runService(folder.path, { DATABASE_URL: `${plain.url()}?sslmode=require` });
      await plain.drop();
      expect({ stderr, ...end }).toStrictEqual({
        code: 1,
        stdout: '',
        stderr: 'The database cannot be reached: the server has no TLS, which sslmode asks for\n',
      });
    });
  });
});
