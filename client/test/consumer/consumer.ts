import { type DeepPartial, FlashbackClient, FlashbackError, type FlashbackErrorCode } from '@flashback/client';
import { FlashbackClient as LosslessClient, JsonNumber } from '@flashback/client/lossless';

interface MySettings {
  theme: 'light' | 'dark';
  quota: number | JsonNumber;
  security: { requireMFA: boolean };
}

export async function relax(client: FlashbackClient): Promise<MySettings | FlashbackErrorCode> {
  const changes: DeepPartial<MySettings> = { quota: new JsonNumber('1e30'), security: { requireMFA: false } };
  try {
    await client.settings.organization.partialUpdate<MySettings>(changes);
    const { settings, version } = await client.settings.organization.get<MySettings>();
    await client.settings.organization.patch<MySettings>({ security: null }, { ifVersion: version });
    return settings;
  } catch (error) {
    if (error instanceof FlashbackError) return error.code;
    throw error;
  }
}

export const client: FlashbackClient = new LosslessClient({ accessToken: () => Promise.resolve('token') });

// @ts-expect-error -- The types are there: a theme has no number.
void client.settings.user.partialUpdate<MySettings>({ theme: 1 });
