import { FlashbackClient, FlashbackError } from '@flashback/client/lossless';
import { serviceUrl } from './configuration.js';

export interface DemoUser {
  readonly email: string;
  readonly role: string;
  readonly token: string;
}

/** The key of this start of the service, so that a page that is loaded again still has it. It is no token. */
const KEY = 'console.demo-key';

/** Takes the key out of the fragment of the address that `npm start` prints. */
export function takeDemoKey(): void {
  const key = /^#demo=([\w-]+)$/.exec(location.hash)?.[1];
  if (key === undefined) return;
  sessionStorage.setItem(KEY, key);
  history.replaceState(null, '', location.pathname);
}

/**
 * The demo users, each with a token; none for who has no key, or that of an earlier start.
 *
 * @throws FlashbackError where the service does not answer
 */
export async function demoUsers(): Promise<DemoUser[]> {
  const key = sessionStorage.getItem(KEY);
  if (key === null) return [];
  const demo = new FlashbackClient({ baseUrl: serviceUrl, accessToken: key });
  try {
    return (await demo.makeRequest<{ users: DemoUser[] }>('console/demo', 'POST')).users;
  } catch (error) {
    if (error instanceof FlashbackError && ['unauthorized', 'not_found'].includes(error.code)) return [];
    throw error;
  }
}
