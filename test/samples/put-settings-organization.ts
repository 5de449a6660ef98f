// Using the Flashback TypeScript client
import { FlashbackClient } from '@flashback/client';
const client = new FlashbackClient({ accessToken: 'your-access-token' });
// Partially update organization settings
try {
const result = await client.settings.organization.partialUpdate({
maxFileSize: '20GB',
security: { requireMFA: false }
});
console.log('Organization settings partially updated:', result);
} catch (error) {
console.error('Failed to partially update organization settings:', error);
}
