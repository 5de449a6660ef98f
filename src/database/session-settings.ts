/**
 * Settings of a session on which our statements and promises rest, in the place of what the owner of the server, the
 * database or the role has set. They are asked for with each connection. A pooler that hands out sessions by
 * transaction does not pass them on; there its administrator sets them (docs/scaling.md).
 */
export const SESSION_SETTINGS = {
  /** A statement that waited for a lock must see what was committed meanwhile. */
  default_transaction_isolation: 'read committed',
  /** How pg reads times. */
  DateStyle: 'ISO',
  /** How pg writes an array that has a null. */
  array_nulls: 'on',
} as const;

/**
 * Limits that would end sessions of ours: those in a pool are idle, and a migration's lock is held by one that waits.
 */
const NO_LIMITS = {
  idle_session_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  exit_on_error: 'off',
} as const;

/** The startup parameter `options` that asks for settings; the last one of a name counts. */
export function startupOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries({ ...SESSION_SETTINGS, ...NO_LIMITS, ...settings })
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, '\\$&')}`)
    .join(' ');
}
