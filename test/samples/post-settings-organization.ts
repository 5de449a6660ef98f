// Using the Flashback TypeScript client
import { FlashbackClient } from '@flashback/client';
const client = new FlashbackClient({ accessToken: 'your-access-token' });
// Update organization settings with full replacement
try {
const result = await client.settings.organization.update({
settings: {
defaultStorageType: 'S3',
maxFileSize: '10GB',
retentionPolicy: { enabled: true, days: 365 },
security: { requireMFA: true, sessionTimeout: 3600 }
}
});
console.log('Organization settings updated:', result);
} catch (error) {
console.error('Failed to update organization settings:', error);
}
