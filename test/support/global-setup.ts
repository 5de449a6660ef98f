import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import type { TestProject } from 'vitest/node';
import { parseEnvironment } from '../../src/config/environment.js';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { migrateAlone } from '../../src/database/schema.js';
import { entities } from '../../src/entities.js';
import { directUrlOf, onServer, SERVER_URL } from './server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The migrated database that each test file clones: its name on the server, or the folder of an embedded one. */
    template: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const template = SERVER_URL === undefined ? await embeddedTemplate() : await serverTemplate();
  project.provide('template', template.name);
  return template.drop;
}

async function serverTemplate() {
  const name = `flashback_test_${process.pid}`;
  await onServer(`create database ${name}`);
  await migrate({ DATABASE_URL: directUrlOf(name) });
  return { name, drop: () => onServer(`drop database if exists ${name} with (force)`) };
}

async function embeddedTemplate() {
  const name = await mkdtemp(join(tmpdir(), 'flashback-template-'));
  await migrate({ DATA_DIR: name });
  return { name, drop: () => rm(name, { recursive: true }) };
}

async function migrate(variables: Record<string, string>): Promise<void> {
  const dataSource = new DataSource(dataSourceOptions(parseEnvironment(variables), entities));
  await dataSource.initialize();
  await migrateAlone(dataSource);
  await dataSource.destroy();
}
