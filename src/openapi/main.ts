import { writeFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppModule } from '../app.module.js';
import { Environment } from '../config/environment.js';
import { createDocument } from './document.js';

/** Writes the document of the build to a file; nothing is connected to, because nothing is instantiated. */
const [path = 'openapi.json'] = process.argv.slice(2);
const app = await NestFactory.create(AppModule.register(new Environment()), new FastifyAdapter(), {
  preview: true,
  logger: false,
  abortOnError: false,
});
writeFileSync(path, `${JSON.stringify(createDocument(app), null, 2)}\n`);
