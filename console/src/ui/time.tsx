import { texts } from '../texts.js';

const format = new Intl.DateTimeFormat(texts.locale, { dateStyle: 'medium', timeStyle: 'short' });

export function timeText(at: string): string {
  return format.format(new Date(at));
}

export function Time({ at }: { readonly at: string }) {
  return <time dateTime={at}>{timeText(at)}</time>;
}
