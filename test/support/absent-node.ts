import type { Socket } from 'node:net';

/** Types of messages (PostgreSQL manual, §55.7). */
const BIND = 'B';
const SYNC = 'S';
const ERROR = 'E';
const READY_FOR_QUERY = 'Z';

/** What Citus says of a statement for a node that it cannot reach: an error of class 08, and the session goes on. */
const AWAY = errorMessage({
  S: 'ERROR',
  V: 'ERROR',
  C: '08006',
  M: 'connection to the remote node 10.0.0.7:5432 failed with the following error: Connection refused',
});

/** Stands between the service and a server, and answers for the nodes that have the rows of some owners. */
export class AbsentNode {
  /** The ids of the owners whose node is away. */
  readonly owners = new Set<string>();
  /** How many statements were answered for it. */
  answered = 0;

  /** For a `Wire`. */
  readonly relay = (near: Socket, far: Socket): void => {
    let isRefusing = false;
    let isToBeTold = false;
    near.on(
      'data',
      byMessage(true, (type, message) => {
        isRefusing ||= type === BIND && [...this.owners].some((owner) => message.includes(owner));
        if (isRefusing && type !== SYNC) return;
        isToBeTold = isRefusing;
        isRefusing = false;
        far.write(message);
      }),
    );
    far.on(
      'data',
      byMessage(false, (type, message) => {
        if (isToBeTold && type === READY_FOR_QUERY) {
          isToBeTold = false;
          this.answered++;
          near.write(AWAY);
        }
        near.write(message);
      }),
    );
    near.on('end', () => far.end());
    far.on('end', () => near.end());
  };
}

/** @param hasStartup the first message has no type */
function byMessage(hasStartup: boolean, take: (type: string, message: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  let lengthAt = hasStartup ? 0 : 1;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= lengthAt + 4) {
      const end = lengthAt + rest.readInt32BE(lengthAt);
      if (rest.length < end) return;
      take(lengthAt === 0 ? '' : String.fromCharCode(rest[0]!), rest.subarray(0, end));
      rest = rest.subarray(end);
      lengthAt = 1;
    }
  };
}

function errorMessage(fields: Record<string, string>): Buffer {
  const body = Object.entries(fields).map(([type, value]) => `${type}${value}\0`);
  const content = Buffer.from(`${body.join('')}\0`);
  const head = Buffer.from(`${ERROR}\0\0\0\0`);
  head.writeInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}
