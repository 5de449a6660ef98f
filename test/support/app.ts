import { createSecretKey } from 'node:crypto';
import { type Agent, request as httpRequest } from 'node:http';
import jwt from 'jsonwebtoken';
import type { DataSource } from 'typeorm';
import type { Recording } from '../tenants/statement-log.js';
import { AdminSession } from './admin-session.js';
import { connect } from './data-source.js';
import { aDatabase, type TestDatabase } from './database.js';
import { judge } from './judged-replies.js';
import { aFolder, type Finished, ServiceProcess, type Variables } from './process.js';

export const JWT_SECRET = 'a secret that only the tests know, long enough';
/** Of a text jsonwebtoken finds out at each token that it is no private key, which takes longer than to sign. */
export const SIGNING_KEY = createSecretKey(JWT_SECRET, 'utf8');

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
  /** The reply is not judged by the OpenAPI document: it is not of this build, or not of an operation. */
  isOutsideDocument?: boolean;
}

export interface TestAppOptions {
  /** Takes the lines of the log, as JSON. */
  readonly write?: (line: string) => void;
  /** Modules that look into the process, by their paths from test/inside. */
  readonly preload?: readonly string[];
}

/** One for all applications of a test file. */
let administration: AdminSession | undefined;

/** The built service as a process of its own, in production, on a real database. */
export class TestApp {
  private constructor(
    readonly process: ServiceProcess,
    readonly database: TestDatabase,
    /** Connections of the tests to the same database, past the service. */
    readonly dataSource: DataSource,
    private readonly variables: Variables,
    private readonly release: () => Promise<void>,
  ) {}

  /**
   * @param variables environment variables beside those of the tests
   * @param database one that another instance already uses; absent: a new one
   */
  static async start(
    variables: Variables = {},
    database?: TestDatabase,
    { write, preload = [] }: TestAppOptions = {},
  ): Promise<TestApp> {
    const used = database ?? (await aDatabase());
    const folder = await aFolder();
    const given = { ...TEST_VARIABLES, ...used.variables, ...variables };
    const service = await ServiceProcess.start(folder.path, given, {
      preload,
      ...(write !== undefined && { onOutput: byLine(write) }),
    });
    return new TestApp(service, used, await connect(used.directUrl), given, async () => {
      await folder.remove();
      if (database === undefined) await used.drop();
    });
  }

  get url(): string {
    return this.process.url;
  }

  /** What the process did so far: the statements that it issued, and the methods of repositories that it called. */
  get recording(): Recording {
    return this.process.recording;
  }

  tokenFor(userId: string, expiresInSeconds = 60, claims: object = {}): string {
    return jwt.sign(claims, SIGNING_KEY, { algorithm: 'HS256', subject: userId, expiresIn: expiresInSeconds });
  }

  /** One HTTP request on a connection of its own, with exactly the headers that are given. */
  request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    return requestAt(this.url, method, path, options, options.as === undefined ? undefined : this.tokenFor(options.as));
  }

  /**
   * Runs the administration command on the same database.
   *
   * @returns what it prints, read as JSON
   * @throws Error with what it says when it fails
   */
  async admin<Result = Record<string, unknown>>(...args: string[]): Promise<Result> {
    return JSON.parse(await this.command(...args)) as Result;
  }

  /**
   * The same of a command that prints several lines, or none.
   *
   * @returns what it prints
   * @throws Error with what it says when it fails
   */
  async command(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.runCommand(...args);
    if (code !== 0) throw new Error(stderr.trim());
    return stdout;
  }

  /** The same of a command that may fail. */
  runCommand(...args: string[]): Promise<Finished> {
    administration ??= new AdminSession(this.variables);
    return administration.run(args, this.variables);
  }

  /** @throws Error when the service does not end well */
  async close(): Promise<void> {
    await this.dataSource.destroy();
    const code = await this.process.kill('SIGTERM');
    await this.release();
    const { stdout, stderr } = this.process.output;
    if (code !== 0 || stderr !== '') throw new Error(`The service ended with ${code}: ${stderr}${stdout.slice(-2000)}`);
  }
}

const TEST_VARIABLES = { NODE_ENV: 'production', LOG_LEVEL: 'fatal', JWT_SECRET, SHUTDOWN_DELAY_MS: '0' };

/** Hands on what comes in whole lines. */
function byLine(write: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = `${rest}${text}`.split(/(?<=\n)/);
    rest = lines.at(-1)!.endsWith('\n') ? '' : lines.pop()!;
    lines.forEach((line) => write(line));
  };
}

/**
 * One HTTP request, with exactly the headers that are given. Its reply must be as the OpenAPI document says.
 *
 * @param agent keeps connections; absent: the request has one of its own
 */
export function requestAt(
  url: string,
  method: string,
  path: string,
  { body, headers = {}, isOutsideDocument = false }: RequestOptions,
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
        const { statusCode: status = 0, headers } = incoming;
        const mediaType = headers['content-type'];
        const isJson = mediaType?.startsWith('application/json') && text !== '';
        const parsed: unknown = isJson ? JSON.parse(text) : undefined;
        if (!isOutsideDocument) judge(method, path, { status, mediaType, text });
        resolve({ status, headers, text, body: parsed });
      });
    });
    outgoing.on('error', reject);
    // As bytes, because Node writes the header in the encoding of a text that goes with it.
    outgoing.end(typeof payload === 'string' ? Buffer.from(payload) : payload);
  });
}
