import type { LoggerService } from '@nestjs/common';
import type { Level } from 'pino';
import type { Log } from './log.js';

/** Messages of Nest while it puts the application together; they are useful only for debugging that. */
const CONSTRUCTION = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);

/** Sources that log why a start failed and throw it too. Whoever started them reports it once. */
const FAILED_START = new Set(['ExceptionHandler', 'NestApplication']);

/** A message with fields of its own beside it. */
export interface LogEntry {
  readonly message: string;
  readonly [field: string]: string | number | undefined;
}

/** Nest's logger on our log. Messages are text, an error, or a `LogEntry`; the last argument is who says it. */
export class ServiceLogger implements LoggerService {
  constructor(private readonly pino: Log) {}

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    if (!FAILED_START.has(String(rest.at(-1)))) this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write(CONSTRUCTION.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  private write(level: Level, message: unknown, rest: unknown[]): void {
    const context = rest.at(-1);
    const stack = rest.length > 1 ? rest[0] : undefined;
    if (isEntry(message)) {
      const { message: text, ...fields } = message;
      this.pino[level]({ context, ...fields, stack }, text);
    } else if (message instanceof Error) {
      this.pino[level]({ context, stack: message.stack }, message.message);
    } else {
      this.pino[level]({ context, stack }, String(message));
    }
  }
}

function isEntry(message: unknown): message is LogEntry {
  return typeof message === 'object' && message !== null && !(message instanceof Error) && 'message' in message;
}
