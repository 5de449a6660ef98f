// Serves reads from a copy of your organization's settings, and follows their changes until Ctrl-C.
//
//   FLASHBACK_BASE_URL=http://127.0.0.1:3000 FLASHBACK_ACCESS_TOKEN=eyJ… node live.js
import { FlashbackClient } from '@flashback/client';
import { liveSettings } from '@flashback/client/live';

const client = new FlashbackClient({ accessToken: process.env.FLASHBACK_ACCESS_TOKEN ?? '' });
const live = await liveSettings(client);

live.on('change', ({ document, version }) => console.log(`${document} settings: version ${version}`));
live.on('error', (error) => {
  console.error(`The copy is no longer kept current: ${error.message}`);
  process.exitCode = 1;
});
process.once('SIGINT', () => live.close());

const READS = 100_000;
const began = performance.now();
for (let n = 0; n < READS; n++) live.organization.get('security.requireMFA');
const ms = performance.now() - began;
console.log(`${READS} reads took ${ms < 1000 ? 'less than a second' : `${Math.round(ms)} ms`}`);
console.log('requireMFA:', live.organization.get('security.requireMFA'));
