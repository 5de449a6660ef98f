import { FlashbackError, type Impact } from '@flashback/client/lossless';

/** What a dry run tells. @returns `undefined` where the service does not tell */
export async function impactOf(dryRun: Promise<{ readonly impact?: Impact }>): Promise<Impact | undefined> {
  try {
    return (await dryRun).impact;
  } catch (error) {
    // A service without it does not know the parameter; all other refusals come again when it is saved.
    if (error instanceof FlashbackError && error.status !== undefined) return undefined;
    throw error;
  }
}
