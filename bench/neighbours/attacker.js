/** One caller who asks for as much as they can, on a thread of their own, so that those who notice need not wait. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { ask } from './ask.js';
import { ATTACKS, HONEST } from './attacks.js';

const { name, origin, own, service, others, seconds } = workerData;
const { at, perSecond, request, ofEach } = { ...ATTACKS, ...HONEST }[name];
const end = performance.now() + seconds * 1000;
const isOver = () => performance.now() >= end;
const statuses = [];
let number = 0;

await Promise.all(
  Array.from({ length: at }, async () => {
    while (!isOver()) {
      const n = number++;
      const message = request(n, own);
      const token = ofEach ? service : message.isAnonymous ? undefined : own.token;
      const headers = { ...message.headers, ...(ofEach && { 'X-Organization-Id': others[n % others.length] }) };
      const { status, ms, retryAfter } = await ask(origin, token, { ...message, headers });
      statuses.push(status);
      if (ofEach && retryAfter > 0) await sleep(Math.min(retryAfter * 1000, end - performance.now()));
      if (perSecond) await sleep(Math.max(0, (at / perSecond) * 1000 - ms));
    }
  }),
);
parentPort.postMessage({ requests: statuses.length, refused: statuses.filter((status) => status >= 400).length });
