import { FlashbackClient, FlashbackError } from '@flashback/client';
import {
  FlashbackClient as LosslessClient,
  FlashbackError as LosslessError,
  JsonNumber,
} from '@flashback/client/lossless';

const accessToken = process.env.ACCESS_TOKEN;
await new LosslessClient({ accessToken }).settings.user.update({ settings: { n: new JsonNumber('9007199254740993') } });
const { settings } = await new FlashbackClient({ accessToken }).settings.user.get();
const error = await new FlashbackClient({ accessToken: 'none' }).settings.user.get().catch((error) => error);
console.log(settings.n, error instanceof FlashbackError, LosslessError === FlashbackError, error.code);
