import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { DocumentVersion, WatchedDocument } from '../history/change-feed.js';
import { StreamConnection } from './stream-connection.js';
import type { StreamSubject } from './watch-rights.service.js';

/** A reply whose caller takes what was written when the test says so. */
class Reply {
  readonly written: string[] = [];
  isCutOff = false;
  readonly writableEnded = false;
  readonly destroyed = false;
  readonly socket = { resetAndDestroy: () => (this.isCutOff = true) };
  private taken: (() => void) | undefined;

  write(text: string, taken: () => void): void {
    this.written.push(text);
    this.taken = taken;
  }

  take(): void {
    this.taken?.();
  }
}

const MEMBER: StreamSubject = {
  callerId: 'ada',
  isService: false,
  organizationId: 'acme',
  documents: ['user-settings', 'organization-settings', 'organization-profile'],
};
const OF_ALL: StreamSubject = {
  callerId: 'backup',
  isService: true,
  organizationId: 'all',
  documents: ['organization-settings'],
};

function open(subject: StreamSubject) {
  const reply = new Reply();
  const connection: StreamConnection = new StreamConnection(subject, reply as unknown as ServerResponse, (one) => {
    if (one.canTell) one.tell(() => undefined);
  });
  const note = (version: string, document: WatchedDocument = 'organization-settings', ownerId = 'acme') =>
    connection.note({ document, ownerId, version } satisfies DocumentVersion, 'own', 0);
  const told = () =>
    reply.written.flatMap((text) =>
      [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => (JSON.parse(data!) as { version?: string }).version),
    );
  return { connection, reply, note, told };
}

describe('a watcher who does not read', () => {
  it('has one version of each document waiting, the last one, and is told when they read again', () => {
    const { connection, reply, note, told } = open(MEMBER);
    connection.ready('{}');
    for (let version = 1; version <= 1_000; version++) note(String(version));
    note('5', 'organization-profile');
    connection.beat();
    expect(reply.written).toHaveLength(1);
    reply.take();
    expect(reply.written).toHaveLength(2);
    expect(told()).toStrictEqual([undefined, '1000', '5']);
  });

  it('of all organizations, is cut off when too much waits', () => {
    const { connection, reply, note } = open(OF_ALL);
    connection.ready('{}');
    for (let n = 0; n <= 10_000; n++) note('1', 'organization-settings', `organization ${n}`);
    expect(reply.isCutOff).toBe(true);
  });
});

describe('a watcher', () => {
  it('is told nothing before the versions as they are, nothing twice, and nothing older', () => {
    const { connection, reply, note, told } = open(MEMBER);
    note('8');
    expect(reply.written).toStrictEqual([]);
    connection.know('organization-settings', '7');
    connection.ready('{}');
    reply.take();
    expect(told()).toStrictEqual([undefined, '8']);
    for (const version of ['8', '7', '6']) note(version);
    reply.take();
    note('9');
    expect(told()).toStrictEqual([undefined, '8', '9']);
  });

  it('is told of no document that is not theirs', () => {
    const { connection, reply, note, told } = open(OF_ALL);
    connection.ready('{}');
    reply.take();
    note('3', 'organization-profile');
    expect(told()).toStrictEqual([undefined]);
  });
});
