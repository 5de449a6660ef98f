import { afterEach, describe, expect, it, vi } from 'vitest';
import { resolveBaseUrl } from '../src/base-url.js';

afterEach(() => void vi.unstubAllEnvs());

describe('the base address', () => {
  it("is the option's, else the environment's, else that of production", () => {
    vi.stubEnv('FLASHBACK_BASE_URL', undefined);
    expect(resolveBaseUrl()).toBe('https://backend.flashback.tech');
    vi.stubEnv('FLASHBACK_BASE_URL', '');
    expect(resolveBaseUrl()).toBe('https://backend.flashback.tech');
    vi.stubEnv('FLASHBACK_BASE_URL', 'http://localhost:3000/');
    expect(resolveBaseUrl()).toBe('http://localhost:3000');
    expect(resolveBaseUrl('https://gateway.example.com/flashback//')).toBe('https://gateway.example.com/flashback');
  });

  it.each([
    '',
    'localhost:3000',
    '/api',
    'ftp://a',
    'https://',
    'https://user:pass@a',
    'https://a?b',
    'https://a/#b',
    'https://a b',
  ])('cannot be "%s"', (baseUrl) => {
    expect(() => resolveBaseUrl(baseUrl)).toThrow(TypeError);
  });
});
