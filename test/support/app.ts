import { type Agent, request as httpRequest } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { TokenService } from '../../src/auth/token.service.js';
import { createApp } from '../../src/configure-app.js';
import { type Environment, parseEnvironment } from '../../src/config/environment.js';
import type { LogOutput } from '../../src/observability/log.js';
import { watchStatements } from '../tenants/watch-statements.js';
import { aDatabase, type TestDatabase } from './database.js';

export const JWT_SECRET = 'a secret that only the tests know, long enough';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** The body as it came, for what a parsed number cannot show. */
  text: string;
  body: unknown;
}

export interface RequestOptions {
  /** The id of the user who asks; a valid token is made for it. */
  as?: string;
  /** Bytes and text are sent as they are, anything else as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** The real application on a real database, listening on a port of its own. */
export class TestApp {
  private constructor(
    readonly nest: NestFastifyApplication,
    readonly url: string,
    readonly database: TestDatabase,
    private readonly ownsDatabase: boolean,
  ) {}

  /**
   * @param variables environment variables beside those of the tests
   * @param database one that another instance already uses; absent: a new one
   * @param logOutput takes the lines of the log, as JSON
   * @param host the address to listen on
   */
  static async start(
    variables: Record<string, string> = {},
    database?: TestDatabase,
    logOutput?: LogOutput,
    host = '127.0.0.1',
  ): Promise<TestApp> {
    const used = database ?? (await aDatabase());
    const environment = testEnvironment({ ...used.variables, ...variables });
    const nest = await createApp(environment, logOutput);
    watchStatements(nest);
    await nest.listen(0, host);
    return new TestApp(nest, await nest.getUrl(), used, database === undefined);
  }

  get dataSource(): DataSource {
    return this.nest.get(DataSource);
  }

  tokenFor(userId: string, expiresInSeconds = 60): string {
    return this.nest.get(TokenService).issue(userId, expiresInSeconds);
  }

  /** One HTTP request on a connection of its own, with exactly the headers that are given. */
  request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    return requestAt(this.url, method, path, options, options.as === undefined ? undefined : this.tokenFor(options.as));
  }

  async close(): Promise<void> {
    await this.nest.close();
    if (this.ownsDatabase) await this.database.drop();
  }
}

/**
 * One HTTP request, with exactly the headers that are given.
 *
 * @param agent keeps connections; absent: the request has one of its own
 */
export function requestAt(
  url: string,
  method: string,
  path: string,
  { body, headers = {} }: RequestOptions,
  token?: string,
  agent: Agent | false = false,
): Promise<Answer> {
  const payload =
    body === undefined || body instanceof Buffer || typeof body === 'string' ? body : JSON.stringify(body);
  const sent = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(payload === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(`${url}${path}`, { method, headers: sent, agent }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const isJson = incoming.headers['content-type']?.startsWith('application/json') && text !== '';
        const parsed: unknown = isJson ? JSON.parse(text) : undefined;
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, body: parsed });
      });
    });
    outgoing.on('error', reject);
    // As bytes, because Node writes the header in the encoding of a text that goes with it.
    outgoing.end(typeof payload === 'string' ? Buffer.from(payload) : payload);
  });
}

export function testEnvironment(variables: Record<string, string>): Environment {
  return parseEnvironment({ NODE_ENV: 'test', LOG_LEVEL: 'fatal', JWT_SECRET, ...variables });
}
