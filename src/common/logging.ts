import { ConsoleLogger, type LogLevel } from '@nestjs/common';

const SEVERITY: readonly LogLevel[] = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'];

/** What Nest says while it puts the application together; it is of use only to who debugs that. */
const CONSTRUCTION = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);

/** Who logs why a start failed, and throws it too: who started says it, once. */
const FAILED_START = new Set(['ExceptionHandler', 'NestApplication']);

/** Writes lines for people, or JSON lines for machines. */
export class ServiceLogger extends ConsoleLogger {
  constructor(options: { leastSevere: LogLevel; json: boolean }) {
    super({
      json: options.json,
      colors: !options.json && (process.stdout.isTTY ?? false),
      logLevels: SEVERITY.slice(0, SEVERITY.indexOf(options.leastSevere) + 1),
    });
  }

  override error(message: unknown, ...rest: unknown[]): void {
    if (!FAILED_START.has(String(rest.at(-1)))) super.error(message, ...rest);
  }

  override log(message: unknown, ...rest: unknown[]): void {
    if (CONSTRUCTION.has(String(rest.at(-1)))) super.debug(message, ...rest);
    else super.log(message, ...rest);
  }
}
