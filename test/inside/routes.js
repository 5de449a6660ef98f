/** Preloaded into the service: tells the test every route that Fastify was given. */
import { subscribe } from 'node:diagnostics_channel';
import { answer } from './parent.js';

const routes = [];

subscribe('fastify.initialization', ({ fastify }) => {
  fastify.addHook('onRoute', ({ method, url }) => void routes.push(...[method].flat().map((verb) => `${verb} ${url}`)));
});

answer('routes', () => routes);
