import { FlashbackError } from '@flashback/client/lossless';
import { texts } from '../texts.js';

interface Props {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

/** What went wrong, in words, and what to do about it. */
export function Problem({ error, onRetry }: Props) {
  if (error === undefined) return null;
  const { message, detail, advice } = explain(error);
  return (
    <div class="notice problem" role="alert">
      <p>
        <strong>{message}</strong>
        {detail !== undefined && <> {detail}</>}
      </p>
      <p>{advice}</p>
      {onRetry && (
        <button type="button" onClick={onRetry}>
          {texts.common.tryAgain}
        </button>
      )}
    </div>
  );
}

function explain(error: unknown): { message: string; detail?: string | undefined; advice: string } {
  if (!(error instanceof FlashbackError)) {
    return { message: error instanceof Error ? error.message : String(error), advice: texts.problems.unknown };
  }
  const { code, message, error: detail, requestId, status } = error;
  // Without a reply the message is about requests, which tells nobody here anything.
  const known = texts.problems[code];
  const advice =
    status !== undefined && status >= 500 && requestId ? `${known} ${texts.problems.id(requestId)}` : known;
  if (status === undefined || code === 'malformed_reply') return { message: texts.problems.title, advice };
  return { message: `${message.replace(/\.$/, '')}.`, detail: detail && `${capital(detail)}.`, advice };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
