// Using the Flashback TypeScript client
import { FlashbackClient } from '@flashback/client';
const client = new FlashbackClient({ accessToken: 'your-access-token' });
// Partially update user settings
try {
const result = await client.settings.user.partialUpdate({
theme: 'light',
notifications: { email: false }
});
console.log('User settings partially updated:', result);
} catch (error) {
console.error('Failed to partially update user settings:', error);
}
