import { createHash } from 'node:crypto';

export const KILOBYTE = 1024;

/** How often a key can be deleted from each document before all are gone. */
const FEATURES = 10;

/** About 1 KB as JSON text, three levels deep. */
export const SETTINGS = {
  defaultStorageType: 'S3',
  maxFileSize: '10GB',
  locale: { language: 'en', timezone: 'Europe/Berlin', firstDayOfWeek: 1, currency: 'EUR' },
  retentionPolicy: { enabled: true, days: 365, legalHold: { enabled: false, until: null } },
  security: {
    requireMFA: true,
    sessionTimeout: 3600,
    passwordPolicy: { minLength: 12, requireDigits: true, requireSymbols: true, maxAgeDays: 90 },
    allowedNetworks: ['10.0.0.0/8', '192.168.0.0/16', '203.0.113.0/24'],
  },
  notifications: {
    email: { enabled: true, recipients: ['ops@example.com', 'security@example.com'], digest: 'daily' },
    webhook: { enabled: true, url: 'https://hooks.example.com/flashback/settings', retries: 5 },
  },
  storage: {
    buckets: [bucket(0, 0), bucket(1, 0)],
    quota: { bytes: 1099511627776, warnAtPercent: 80 },
  },
  features: Object.fromEntries(Array.from({ length: FEATURES }, (_, index) => [featureOf(index), index % 3 === 0])),
};

/** The part of them that requests change: about 100 B. */
const SMALL_SETTINGS = {
  maxFileSize: SETTINGS.maxFileSize,
  retentionPolicy: { days: SETTINGS.retentionPolicy.days },
  security: { requireMFA: true, sessionTimeout: SETTINGS.security.sessionTimeout },
};

export function featureOf(index) {
  return `feature-${String(index).padStart(2, '0')}`;
}

/**
 * Settings of at most so many bytes, as the text that PostgreSQL makes of them: those above, with as many buckets as
 * fit.
 */
export function settingsOf(bytes) {
  if (bytes < KILOBYTE) return SMALL_SETTINGS;
  const buckets = [...SETTINGS.storage.buckets];
  const document = { ...SETTINGS, storage: { ...SETTINGS.storage, buckets } };
  let length = textLength(document);
  for (;;) {
    const next = bucket(buckets.length, 0);
    length += textLength(next) + 2;
    // What changes add: the numbers have more digits.
    if (length > bytes - 4 * KILOBYTE) return document;
    buckets.push(next);
  }
}

export function bucket(index, objects) {
  const key = createHash('sha256').update(String(index)).digest('hex').slice(0, 32);
  const region = ['eu-central-1', 'eu-west-1', 'us-east-1'][index % 3];
  return { name: `bucket-${index}`, region, encrypted: true, key, objects };
}

/** Of what PostgreSQL makes of it, with a blank behind each comma and colon, or little more. */
function textLength(value) {
  return JSON.stringify(value, null, 1).replace(/\n */g, ' ').length;
}
