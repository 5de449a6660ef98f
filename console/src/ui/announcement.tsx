import { signal } from '@preact/signals';

/** How long an announcement stays to be read, in milliseconds. */
const SHOWN_MS = 6_000;

const announcement = signal('');
let timer: ReturnType<typeof setTimeout>;

/** Tells gently what happened: it is shown for a while, and read out when nothing else is. */
export function announce(text: string): void {
  clearTimeout(timer);
  announcement.value = text;
  timer = setTimeout(() => (announcement.value = ''), SHOWN_MS);
}

export function Announcement() {
  return (
    <div class="announcement" role="status">
      {announcement.value !== '' && <p>{announcement.value}</p>}
    </div>
  );
}
