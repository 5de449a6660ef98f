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
    .map(decodeURIComponent),
);

export function linkTo(...parts: string[]): string {
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}
