import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { PoolStatistics } from '../database/pool-statistics.js';
import { RunningRequests } from './running-requests.js';

/** Upper bounds in seconds: from a read out of a warm cache to where every request has been given up. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * What is counted and measured, for Prometheus to collect. Labels hold only what our own code bounds: methods, route
 * patterns and statuses, never an id.
 */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();
  private readonly durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its reply, by method, route pattern and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATION_BUCKETS,
    registers: [this.registry],
  });

  constructor(running: RunningRequests, pool: PoolStatistics) {
    collectDefaultMetrics({ register: this.registry });
    this.gauge('http_requests_in_flight', 'Requests that are not answered yet.', () => running.count);
    this.gauge(
      'database_heavy_running',
      'Work that takes long in the database: running.',
      () => pool.heavyWork.running,
    );
    this.gauge(
      'database_heavy_waiting',
      'Work that takes long in the database: waiting.',
      () => pool.heavyWork.waiting,
    );
    for (const kind of ['reads', 'changes'] as const) {
      this.gauge(
        `database_${kind}_running`,
        `Executions of small ${kind}, each of which may serve many: running.`,
        () => pool.smallWork(kind).running,
      );
      this.gauge(
        `database_${kind}_waiting`,
        `Small ${kind} that wait for their turn.`,
        () => pool.smallWork(kind).waiting,
      );
    }
    if (pool.read() === undefined) return;
    const ofPool = (read: (pool: NonNullable<ReturnType<PoolStatistics['read']>>) => number) => () => {
      const statistics = pool.read();
      return statistics === undefined ? 0 : read(statistics);
    };
    this.gauge(
      'database_pool_connections',
      'Connections to the database, idle or not.',
      ofPool(({ total }) => total),
    );
    this.gauge(
      'database_pool_connections_idle',
      'Connections that nobody uses just now.',
      ofPool(({ idle }) => idle),
    );
    this.gauge(
      'database_pool_connections_max',
      'The most connections that there may be.',
      ofPool(({ max }) => max),
    );
    this.gauge(
      'database_pool_waiting',
      'Statements that wait for a connection.',
      ofPool(({ waiting }) => waiting),
    );
  }

  /** Adds a number that is read whenever the metrics are collected. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      async collect() {
        this.set(await read());
      },
    });
  }

  /** Adds a number that only grows, and that is read whenever the metrics are collected. */
  counter(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  /** The same for a number for each value of a label. */
  gaugeBy(name: string, help: string, label: string, read: () => Readonly<Record<string, number>>): void {
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [this.registry],
      collect() {
        for (const [value, number] of Object.entries(read())) this.set({ [label]: value }, number);
      },
    });
  }

  /** Adds a number of events by their kind. @returns what counts one */
  countByKind<Kind extends string>(
    name: string,
    help: string,
    label: string,
    kinds: readonly Kind[],
  ): (kind: Kind) => void {
    const counter = new Counter({ name, help, labelNames: [label], registers: [this.registry] });
    for (const kind of kinds) counter.inc({ [label]: kind }, 0);
    return (kind) => counter.inc({ [label]: kind });
  }

  /** Adds a distribution. @param buckets their upper bounds @returns takes a measurement */
  histogram(name: string, help: string, buckets: number[]): (value: number) => void {
    const histogram = new Histogram({ name, help, buckets, registers: [this.registry] });
    return (value) => histogram.observe(value);
  }

  countRequest(method: string, route: string, status: number, seconds: number): void {
    this.durations.observe({ method, route, status }, seconds);
  }

  /** The text format of Prometheus, and its media type. */
  async collect(): Promise<{ text: string; mediaType: string }> {
    return { text: await this.registry.metrics(), mediaType: this.registry.contentType };
  }
}
