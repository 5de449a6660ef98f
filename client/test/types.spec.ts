import { describe, expectTypeOf, it } from 'vitest';
import type {
  DeepPartial,
  FlashbackClient,
  FlashbackError,
  FlashbackErrorCode,
  Organization,
  PolicyViolation,
  SettingsDryRunResponse,
} from '../src/index.js';
import type { LiveDocument, LiveOrganizations } from '../src/live.js';
import { liveOrganizations, liveSettings } from '../src/live.js';
import type { JsonNumber } from '../src/lossless.js';

/** Checked by the compiler, with `npm run typecheck`; nothing here runs. */

interface MySettings {
  theme: 'light' | 'dark';
  tags: { name: string }[];
  quota?: number | JsonNumber;
  security: { requireMFA: boolean; session: { timeout: number | null } };
}

type Client = FlashbackClient;

describe('types', () => {
  it('of settings are what the caller says', () => {
    expectTypeOf<Client['settings']['user']['get']>().parameters.toExtend<
      [{ signal?: AbortSignal; timeoutMs?: number }?]
    >();
    const read = (client: Client) => [client.settings.user.get<MySettings>(), client.settings.user.get()] as const;
    expectTypeOf(read)
      .returns.toHaveProperty(0)
      .resolves.toEqualTypeOf<{ success: true; settings: MySettings } & { version: number }>();
    expectTypeOf(read)
      .returns.toHaveProperty(1)
      .resolves.toHaveProperty('settings')
      .toEqualTypeOf<Record<string, unknown>>();
  });

  it('of changes are parts, at every depth', () => {
    expectTypeOf<{ security: { session: { timeout: null } } }>().toExtend<DeepPartial<MySettings>>();
    expectTypeOf<object>().toExtend<DeepPartial<MySettings>>();
    expectTypeOf<{ security: { session: { timeout: string } } }>().not.toExtend<DeepPartial<MySettings>>();
    expectTypeOf<{ tags: [{ name?: string }] }>().not.toExtend<DeepPartial<MySettings>>();
    expectTypeOf<DeepPartial<MySettings>['quota']>().toEqualTypeOf<number | JsonNumber | undefined>();
    expectTypeOf<DeepPartial<Date | string[] | null>>().toEqualTypeOf<Date | string[] | null>();
  });

  it('refuse what the settings have no place for', () => {
    const wrong = (client: Client) => {
      // @ts-expect-error -- There is no such setting.
      void client.settings.user.partialUpdate<MySettings>({ colour: 'red' });
      // @ts-expect-error -- A replacement must be whole.
      void client.settings.user.update<MySettings>({ settings: { theme: 'dark' } });
      // @ts-expect-error -- The document stands under `settings`.
      void client.settings.user.update({ theme: 'dark' });
      // @ts-expect-error -- A patch deletes or changes, but not to what has no place.
      void client.settings.user.patch<MySettings>({ theme: 'blue' });
      // @ts-expect-error -- There is no such operation.
      void client.settings.user.patch([{ op: 'increment', path: '/quota' }]);
      // @ts-expect-error -- Only settings are changed on trial.
      void client.organization.update('id', { city: 'Boston' }, { dryRun: true });
      // @ts-expect-error -- Only settings are restored on trial.
      void client.organization.versions.restore('id', 1, { dryRun: true });
      // @ts-expect-error -- A version is a number.
      void client.organization.versions.get('id', '1');
      // @ts-expect-error -- A reason is for a change.
      void client.settings.user.get({ reason: 'Because' });
      // @ts-expect-error -- The domain cannot be changed here.
      void client.organization.update('id', { domain: 'acme.com' });
      // @ts-expect-error -- Settings are an object.
      void client.settings.user.get<string>();
      // @ts-expect-error -- There is no such verb.
      void client.makeRequest('settings/user', 'FETCH');
    };
    expectTypeOf(wrong).toBeFunction();
  });

  it('take values that the caller has an interface for, named or not', () => {
    const right = (client: Client, mine: MySettings) => [
      client.settings.user.update({ settings: mine }),
      client.settings.user.update<MySettings>({ settings: mine }),
      client.settings.user.partialUpdate(mine),
      client.settings.user.partialUpdate(mine.security),
      client.settings.user.partialUpdate<MySettings>({ security: { session: { timeout: 5 } } }),
      client.settings.user.partialUpdate({ anything: [1, { at: 'all' }] }),
      client.settings.user.patch<MySettings>({ quota: null, security: { session: null } }),
      client.settings.user.patch(mine),
      client.settings.user.patch([
        { op: 'add', path: '/quota', value: 12345678901234567890n },
        { op: 'remove', path: '/a' },
      ]),
      client.settings.user.delete({ keys: ['a'] }, { ifVersion: 1, reason: 'Because', dryRun: false }),
      client.settings.user.versions.restore(1),
    ];
    expectTypeOf(right).returns.items.resolves.toEqualTypeOf<
      { success: true; message: string } & { version: number } & { warning?: string }
    >();
  });

  it('of a dry run are the document as it would be, and what would change', () => {
    const tried = (client: Client, mine: MySettings) => [
      client.settings.user.update<MySettings>({ settings: mine }, { dryRun: true }),
      client.settings.user.partialUpdate<MySettings>({ theme: 'dark' }, { dryRun: true }),
      client.settings.user.patch<MySettings>({ theme: null }, { dryRun: true, ifVersion: 1 }),
      client.settings.user.delete<MySettings>({ keys: ['theme'] }, { dryRun: true }),
      client.settings.user.versions.restore<MySettings>(1, { dryRun: true }),
    ];
    expectTypeOf(tried).returns.items.resolves.toEqualTypeOf<SettingsDryRunResponse<MySettings>>();
    expectTypeOf<SettingsDryRunResponse<MySettings>>().toExtend<{
      dryRun: true;
      settings: MySettings;
      patch: { op: string; path: string; value?: unknown }[];
      version: number;
      warning?: string;
    }>();
  });

  it('of a version that was read fit where one is expected', () => {
    const write = (client: Client, read: { version?: number }) =>
      client.settings.user.update({ settings: {} }, { ifVersion: read.version });
    expectTypeOf(write).returns.resolves.toHaveProperty('version').toEqualTypeOf<number>();
  });

  it('of a read that wants only what is new tell which it was', () => {
    const read = async (client: Client) => {
      const reply = await client.settings.user.getIfChanged<MySettings>(1);
      // @ts-expect-error -- Where nothing has changed there is no document.
      void reply.settings;
      return reply.changed ? reply : undefined;
    };
    expectTypeOf(read).returns.resolves.toEqualTypeOf<
      ({ changed: true } & { success: true; settings: MySettings } & { version: number }) | undefined
    >();
  });

  it('of a live copy are what the caller says', () => {
    const read = async (client: Client) => {
      const { organization, user } = await liveSettings<object, MySettings>(client);
      return [user.settings, user.get('theme'), user.get('security.session.timeout'), organization] as const;
    };
    expectTypeOf(read).returns.resolves.toExtend<
      readonly [MySettings, 'light' | 'dark' | undefined, number | null | undefined, LiveDocument<object>]
    >();
    const readAll = (client: Client) => liveOrganizations<MySettings>(client);
    expectTypeOf(readAll).returns.resolves.toEqualTypeOf<LiveOrganizations<MySettings>>();
    const wrong = (mine: LiveDocument<MySettings>, all: LiveOrganizations<MySettings>) => {
      // @ts-expect-error -- There is no such setting.
      void mine.get('colour');
      // @ts-expect-error -- There is none there.
      void all.get('id', 'security.colour');
    };
    expectTypeOf(wrong).toBeFunction();
  });

  it('of a live copy of which nothing is known may be anything', () => {
    const read = async (client: Client, key: string) => {
      const { user } = await liveSettings(client);
      const all = await liveOrganizations(client);
      const text: string | undefined = user.get('theme');
      return [
        user.get('theme'),
        user.get<string>(key),
        all.get('id', key),
        all.get<number>('id', 'quota'),
        text,
      ] as const;
    };
    expectTypeOf(read).returns.resolves.toEqualTypeOf<
      readonly [unknown, string | undefined, unknown, number | undefined, string | undefined]
    >();
  });

  it('of keys are those of what they lead to', () => {
    interface Deep {
      'a.b': 1;
      a: { b: 2; c?: { d: 3 } | null; list: { e: 4 }[]; 'x.y': 5 };
      open: Record<string, unknown>;
    }
    const read = (deep: LiveDocument<Deep>, key: string) =>
      [
        deep.get('a.b'),
        deep.get('a.c.d'),
        deep.get('a.list.e'),
        deep.get<number>('a.x\\.y'),
        deep.get<string>('open.any'),
        deep.get<boolean>(key),
      ] as const;
    expectTypeOf(read).returns.toEqualTypeOf<
      readonly [1 | undefined, 3 | undefined, undefined, number | undefined, string | undefined, boolean | undefined]
    >();
    const wrong = (deep: LiveDocument<Deep>) => {
      // @ts-expect-error -- Dots within a name are escaped.
      void deep.get('a.x.y');
      // @ts-expect-error -- What is there has to be said.
      void deep.get('open.any');
    };
    expectTypeOf(wrong).toBeFunction();
  });

  it('of the organization and of errors are closed', () => {
    expectTypeOf<Organization['deletedAt']>().toEqualTypeOf<string | null>();
    expectTypeOf<Organization['is_business']>().toEqualTypeOf<boolean>();
    expectTypeOf<'precondition_failed'>().toExtend<FlashbackErrorCode>();
    expectTypeOf<string>().not.toExtend<FlashbackErrorCode>();
    expectTypeOf<FlashbackError['violations']>().toEqualTypeOf<readonly PolicyViolation[] | undefined>();
    const request = (client: Client) => client.makeRequest('health', 'GET');
    expectTypeOf(request).returns.resolves.toBeUnknown();
  });
});
