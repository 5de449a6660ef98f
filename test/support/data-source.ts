import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { entities } from '../../src/entities.js';

/** Connections of the tests, beside those of the service: for fixtures, and to look at what it did. */
export function connect(url: string): Promise<DataSource> {
  return new DataSource({
    type: 'postgres',
    url,
    entities,
    poolSize: 4,
    installExtensions: false,
    applicationName: 'tests',
    // The server may end them, as it ends the service's; the next question opens another one.
    poolErrorHandler: () => undefined,
  }).initialize();
}
