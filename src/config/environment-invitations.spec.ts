import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../test/support/environment-problems.js';
import { parseEnvironment } from './environment.js';

describe('the environment', () => {
  describe('where invitations go', () => {
    const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    const receiver = { INVITATION_URL: 'https://mail.example.com/invitations?tenant=1', INVITATION_SECRET: SECRET };

    it('is nowhere unless somebody says', () => {
      expect(parseEnvironment({}).invitationReceiver).toBeUndefined();
      expect(parseEnvironment(receiver).invitationReceiver).toStrictEqual({
        url: receiver.INVITATION_URL,
        secret: SECRET,
      });
    });

    it('has an address and a secret, or neither', () => {
      expect(problemsOf({ INVITATION_URL: receiver.INVITATION_URL })).toStrictEqual([
        'INVITATION_SECRET is required with INVITATION_URL',
      ]);
      expect(problemsOf({ INVITATION_SECRET: SECRET })).toStrictEqual([
        'INVITATION_SECRET signs only what goes to INVITATION_URL, which is missing',
      ]);
    });

    it.each([
      'http://localhost:8025/',
      'http://127.0.0.1/invitations',
      'http://10.1.2.3:8080',
      'http://172.31.255.255',
      'http://192.168.0.1',
      'http://[::1]:8025',
      'http://[fd00::1]/',
      'HTTPS://mail.example.com',
    ])('may be %s', (address) => {
      expect(problemsOf({ ...receiver, INVITATION_URL: address })).toStrictEqual([]);
    });

    it.each([
      'http://mail.example.com/invitations',
      'http://mail/invitations',
      'http://8.8.8.8',
      'http://172.32.0.1',
      'http://169.254.169.254/latest',
      'http://10.example.com',
      'http://[2001:db8::1]',
      'https://user:password@mail.example.com',
      'https://mail.example.com/#invitations',
      'file:///etc/passwd',
      'mail.example.com',
    ])('may not be %s', (address) => {
      expect(problemsOf({ ...receiver, INVITATION_URL: address })).toStrictEqual([
        'INVITATION_URL must be an https:// address without credentials, or http:// on a loopback or private address',
      ]);
    });

    it.each([24, 64])('may be signed with %i bytes', (bytes) => {
      const secret = `whsec_${Buffer.alloc(bytes, 1).toString('base64')}`;
      expect(problemsOf({ ...receiver, INVITATION_SECRET: secret })).toStrictEqual([]);
    });

    it.each([
      ['too few bytes', `whsec_${Buffer.alloc(23, 1).toString('base64')}`],
      ['too many bytes', `whsec_${Buffer.alloc(65, 1).toString('base64')}`],
      ['no prefix', Buffer.alloc(32, 1).toString('base64')],
      ['no base64', `whsec_${'?'.repeat(32)}`],
      ['base64url', `whsec_${Buffer.alloc(32, 251).toString('base64url')}`],
      ['a blank behind it', `${SECRET} `],
    ])('may not be signed with %s', (_, secret) => {
      expect(problemsOf({ ...receiver, INVITATION_SECRET: secret })).toStrictEqual([
        'INVITATION_SECRET must be whsec_ and the base64 of 24 to 64 bytes',
      ]);
    });
  });

  it.each(['0', '366', '1.5', 'forever'])('has no invitation that holds %s days', (days) => {
    expect(problemsOf({ INVITATION_TTL_DAYS: days })).toHaveLength(1);
  });
});
