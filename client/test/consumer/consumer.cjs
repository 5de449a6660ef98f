const { FlashbackClient, FlashbackError } = require('@flashback/client');
const lossless = require('@flashback/client/lossless');

const accessToken = process.env.ACCESS_TOKEN;

async function main() {
  const settings = { n: new lossless.JsonNumber('9007199254740993') };
  await new lossless.FlashbackClient({ accessToken }).settings.user.update({ settings });
  const reply = await new FlashbackClient({ accessToken }).settings.user.get();
  const error = await new FlashbackClient({ accessToken: 'none' }).settings.user.get().catch((error) => error);
  console.log(
    reply.settings.n,
    error instanceof FlashbackError,
    lossless.FlashbackError === FlashbackError,
    error.code,
  );
}

void main();
