// Using the Flashback TypeScript client
import { FlashbackClient } from '@flashback/client';
const client = new FlashbackClient({ accessToken: 'your-access-token' });
// Delete specific organization setting keys
try {
const result = await client.settings.organization.delete({
keys: ['retentionPolicy', 'security.requireMFA']
});
console.log('Organization settings keys deleted:', result);
} catch (error) {
console.error('Failed to delete organization settings keys:', error);
}
