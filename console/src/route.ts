import { computed, signal } from '@preact/signals';

/** The route is the fragment, so that the service has one page to serve, and the address can be kept and shared. */
const fragment = signal(location.hash);

addEventListener('hashchange', () => (fragment.value = location.hash));

/** Where the page is: `#/settings/history` is `['settings', 'history']`. */
export const route = computed(() =>
  fragment.value
    .replace(/^#\/?/, '')
    .split('/')
    .filter((part) => part !== '')
    .map(decoded),
);

export function linkTo(...parts: string[]): string {
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

/** As it is, where it is not encoded: addresses are typed by people, too. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
