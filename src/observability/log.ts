import { destination, type DestinationStream, type Level, type Logger, pino, stdTimeFunctions } from 'pino';
import type { Environment, LogLevel } from '../config/environment.js';
import { readableLine } from './readable-line.js';

export type Log = Logger<never, boolean>;

/** Takes one line at a time. */
export type LogOutput = DestinationStream;

/** What the levels of `LOG_LEVEL`, which are Nest's, are called in a line. */
const LEVEL_NAMES: Record<LogLevel, Level> = {
  fatal: 'fatal',
  error: 'error',
  warn: 'warn',
  log: 'info',
  debug: 'debug',
  verbose: 'trace',
};

/**
 * How much is written at once, and for how long it is gathered at most: a write for each line costs more than the line.
 */
const BATCH_BYTES = 8 * 1024;
const BATCH_MS = 100;

/** The most that is kept for a reader who does not read; lines beyond it are dropped. */
const WAITING_BYTES = 16 * 1024 * 1024;

/**
 * The one log of the process, on standard output: a JSON object a line in production, else lines for people.
 *
 * @param output absent: standard output; given: takes the JSON lines, as in production
 */
export function createLog(environment: Environment, output = standardOutput(environment)): Log {
  return pino(
    {
      level: LEVEL_NAMES[environment.LOG_LEVEL],
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    output,
  );
}

function standardOutput({ isProduction }: Environment): LogOutput {
  if (!isProduction) return { write: (line) => void process.stdout.write(readableLine(line)) };
  // Requests do not wait for the reader of the log; what is left at the exit is written then.
  return destination({
    fd: 1,
    sync: false,
    minLength: BATCH_BYTES,
    periodicFlush: BATCH_MS,
    maxLength: WAITING_BYTES,
  });
}
