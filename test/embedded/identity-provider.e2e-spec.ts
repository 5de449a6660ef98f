import { expect, it, vi } from 'vitest';
import { aSigningKey, TestIdentityProvider } from '../support/identity-provider.js';
import { aFolder, runAdmin, ServiceProcess } from '../support/process.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

it('starts without its identity provider, on a new embedded database too, and then works by itself', async () => {
  const folder = await aFolder();
  const key = await aSigningKey('ES256');
  const provider = await TestIdentityProvider.start([key]);
  await provider.down();
  const variables = { ...provider.variables, JWT_JWKS_REFRESH_SECONDS: '1' };
  const service = await ServiceProcess.start(folder.path, variables);
  try {
    expect(service.greeting).toContain(`Tokens come from ${provider.issuer}, and users have its subjects as ids.`);
    expect(service.greeting).not.toMatch(/Token of|eyJ/);
    const warning = 'cannot be fetched, no token can be verified: connect ECONNREFUSED';
    await vi.waitUntil(() => service.greeting.includes(warning), { timeout: 12_000, interval: 100 });
    await provider.up([key]);
    const authorization = `Bearer ${await provider.tokenOf('nobody', 'ES256')}`;
    const ask = async () => (await fetch(`${service.url}/settings/user`, { headers: { authorization } })).status;
    await vi.waitUntil(async () => (await ask()) === 404, { timeout: 12_000, interval: 100 });

    const refused = await runAdmin(folder.path, ['issue-token', '--user', 'abc'], variables);
    expect(refused).toStrictEqual({
      code: 1,
      stdout: '',
      stderr: `Tokens come from ${provider.issuer}, as JWT_JWKS_URI says: this command issues them only where JWT_SECRET signs\n`,
    });
  } finally {
    expect(await service.kill('SIGTERM')).toBe(0);
    await provider.down();
    await folder.remove();
  }
});
