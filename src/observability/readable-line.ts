/** What needs no quotes to be read as one value. */
const PLAIN = /^[\w.:/@+=*-]+$/;

interface Line {
  time: string;
  level: string;
  context?: string;
  msg?: string;
  stack?: string;
  [field: string]: unknown;
}

/**
 * Turns a JSON line of the log into one for people: time, level, who says it, what, the other fields, the stack below.
 */
export function readableLine(json: string): string {
  const { time, level, context, msg, stack, ...fields } = JSON.parse(json) as Line;
  const words = [
    time,
    level.toUpperCase().padEnd(5),
    ...(context === undefined ? [] : [`[${context}]`]),
    ...(msg === undefined ? [] : [msg]),
    ...Object.entries(fields).map(([name, value]) => `${name}=${readable(value)}`),
  ];
  return `${words.join(' ')}\n${stack === undefined ? '' : `${stack}\n`}`;
}

/** User ids come from outside: nothing in them may look like another field or line. */
function readable(value: unknown): string {
  return typeof value === 'string' && PLAIN.test(value) ? value : JSON.stringify(value);
}
