// Replaces, changes and reads your own settings, and says what goes wrong if something does.
//
//   FLASHBACK_BASE_URL=http://127.0.0.1:3000 FLASHBACK_ACCESS_TOKEN=eyJ… node settings.js
import { FlashbackClient, FlashbackError } from '@flashback/client';

const client = new FlashbackClient({ accessToken: process.env.FLASHBACK_ACCESS_TOKEN ?? '' });

try {
  await client.settings.user.update({ settings: { theme: 'dark', notifications: { email: true, push: true } } });
  await client.settings.user.partialUpdate({ notifications: { email: false } });
  await client.settings.user.delete({ keys: ['theme'] });
  const { settings } = await client.settings.user.get({ timeoutMs: 5000 });
  console.log('Your settings:', settings);
} catch (error) {
  if (!(error instanceof FlashbackError)) throw error;
  console.error(`${error.message} (${error.code}, request ${error.requestId ?? 'without an id'})`);
  process.exitCode = 1;
}
