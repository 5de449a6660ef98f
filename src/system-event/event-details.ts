import { Injectable } from '@nestjs/common';
import { maskMembers, stepsOf } from '../common/json/json-text.js';
import { Environment } from '../config/environment.js';
import { ChangeContext, type HistoryContext } from '../history/change-context.js';
import type { EventOperation, EventRow } from './system-event.repository.js';

const MATCHES_NOTHING = /(?!)/;

const MASKED = '"***"';

/** How many characters of a path are shown. */
const MAX_PATH_LENGTH = 300;

type Change = Pick<EventRow, 'version' | 'operation' | 'operations' | 'patch' | 'requestId' | 'reason'> & {
  readonly context: HistoryContext;
  readonly contextId: string | null;
};

/** Shows what a change did, and no value of a secret, nor of another user's settings. */
@Injectable()
export class EventDetails {
  private readonly secretKey: RegExp;

  constructor(environment: Environment) {
    const patterns = environment.SECRET_KEY_PATTERNS;
    this.secretKey =
      patterns.length === 0 ? MATCHES_NOTHING : new RegExp(patterns.map((pattern) => `(?:${pattern})`).join('|'), 'i');
  }

  /**
   * JSON text, put together from the texts of the values, so that it has every digit that they have.
   *
   * @param userId who will see it; absent: somebody to whom every user is another
   */
  textOf({ version, operation, operations, requestId, reason, ...row }: Change, userId?: string): string {
    const isAnothers = row.context === ChangeContext.USER_SETTINGS && row.contextId !== userId;
    const patch = row.patch.map((operation) => {
      const { op, path, bytes, value } = operation;
      const shownPath = [...path].slice(0, MAX_PATH_LENGTH).join('');
      const members = [`"op":${JSON.stringify(op)}`, `"path":${JSON.stringify(shownPath)}`];
      if (bytes !== null) {
        if (isAnothers || this.isSecret(operation)) members.push(`"value":${MASKED}`);
        else if (value === null) members.push(`"valueBytes":${bytes}`);
        else members.push(`"value":${maskMembers(value, (key) => this.secretKey.test(key))}`);
      }
      return `{${members.join()}}`;
    });
    const isInvitation = row.context === ChangeContext.USER && row.patch.some(({ path }) => path === '/invited');
    const rest = JSON.stringify({ operations, requestId, reason, ...(isInvitation && { invited: true }) });
    return `{"version":${version},"operation":"${operation}","patch":[${patch.join()}],${rest.slice(1)}`;
  }

  /** Whether a key on the path looks like a secret. A path that was not read whole counts as one. */
  private isSecret({ path, isWholePath }: EventOperation): boolean {
    return !isWholePath || stepsOf(path).some((step) => this.secretKey.test(step));
  }
}
