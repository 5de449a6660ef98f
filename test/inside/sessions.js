/** Preloaded into the service: asks each of its sessions with PostgreSQL what the test wants to know. */
import pg from 'pg';
import { answer } from './parent.js';

const clients = new Set();

const { connect } = pg.Client.prototype;
pg.Client.prototype.connect = function (...args) {
  clients.add(this);
  this.once('end', () => clients.delete(this));
  return connect.apply(this, args);
};

answer('sessions', (text) => Promise.all([...clients].map(async (client) => (await client.query(text)).rows)));
