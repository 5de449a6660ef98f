import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { DataSource } from 'typeorm';
import type { StatementRunner } from '../database/statement-runner.js';

/** The span of one request. */
export interface RequestSpan {
  end(status: number): void;
}

/** Spans of requests, and of the statements that they send to the database. */
export interface Tracing {
  /** Begins the span of a request, below the caller's where it named one, and puts it into `request.trace`. */
  begin(request: FastifyRequest, method: string, route: string): RequestSpan;
  /** Makes spans of what requests ask of the database, and sends what is left when the service ends. */
  attach(fastify: FastifyInstance, dataSource: DataSource, runner: StatementRunner): void;
}
