import { useEffect, useState } from 'preact/hooks';
import { texts } from '../texts.js';
import { Field } from '../ui/field.js';
import { Problem } from '../ui/problem.js';
import { useLoaded } from '../ui/use-loaded.js';
import { configuration } from './configuration.js';
import { demoUsers } from './demo.js';
import { comesFromProvider, leaveForProvider, returnFromProvider } from './provider.js';
import { signIn } from './session.js';

/** The ways to sign in that there are here. */
export function SignIn() {
  const { provider, demo = false } = configuration;
  const { value: users, error, reload } = useLoaded(async () => (demo ? demoUsers() : []), []);
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<unknown>();
  const [isBusy, setBusy] = useState(provider !== undefined && comesFromProvider());

  const attempt = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    if (provider !== undefined && comesFromProvider()) {
      void attempt(async () => signIn(await returnFromProvider(provider)));
    }
  }, []);

  return (
    <div class="sign-in">
      {isBusy && <p role="status">{texts.signIn.busy}</p>}
      <Problem error={error} onRetry={reload} />
      <Problem error={problem} />
      {provider !== undefined && (
        <button
          type="button"
          class="primary"
          disabled={isBusy}
          onClick={() => void attempt(() => leaveForProvider(provider))}
        >
          {texts.signIn.atProvider(new URL(provider.issuer).host)}
        </button>
      )}
      {users?.map(({ email, role, token: demoToken }) => (
        <button
          key={email}
          type="button"
          class={role === 'OWNER' ? 'primary' : undefined}
          disabled={isBusy}
          onClick={() => void attempt(() => signIn(demoToken))}
        >
          {texts.signIn.asDemo(role)}
        </button>
      ))}
      {demo && users?.length === 0 && <p class="hint">{texts.signIn.noKey}</p>}
      <details open={provider === undefined && !demo}>
        <summary>{texts.signIn.withToken}</summary>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void attempt(() => signIn(token));
          }}
        >
          <Field label={texts.signIn.token} hint={texts.signIn.tokenHint}>
            {(id, describedBy) => (
              <textarea
                id={id}
                aria-describedby={describedBy}
                class="mono"
                rows={4}
                required
                autoComplete="off"
                spellcheck={false}
                value={token}
                onInput={({ currentTarget }) => setToken(currentTarget.value)}
              />
            )}
          </Field>
          <button type="submit" disabled={isBusy}>
            {texts.signIn.action}
          </button>
        </form>
      </details>
    </div>
  );
}
