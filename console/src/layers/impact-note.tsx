import type { Impact } from '@flashback/client/lossless';
import { nameOf, pathOf } from '../json/path.js';
import { texts } from '../texts.js';
import { Problem } from '../ui/problem.js';
import { useLoaded } from '../ui/use-loaded.js';

/** Places that are named; more are seldom read. */
const NAMED = 10;

/** Whom a change would touch, before it is made. */
export function ImpactNote({ load }: { readonly load: () => Promise<Impact | undefined> }) {
  const { value: impact, error, isLoading, reload } = useLoaded(load, []);
  if (isLoading) return <p class="hint">{texts.impact.loading}</p>;
  if (error !== undefined) {
    return (
      <section aria-label={texts.impact.label}>
        <p>{texts.impact.unknown}</p>
        <Problem error={error} onRetry={reload} />
      </section>
    );
  }
  if (impact === undefined) return null;
  const { members, changed, paths, violations, sampled } = impact;
  return (
    <section class="notice" aria-label={texts.impact.label}>
      <p>
        <strong>{texts.impact.changed(changed, sampled ?? members)}</strong>
        {sampled !== undefined && ` ${texts.impact.sampled(sampled, members)}`}
      </p>
      {paths.length > 0 && (
        <ul>
          {paths.slice(0, NAMED).map(({ path, members: touched }) => (
            <li key={path}>
              <code>{nameOf(pathOf(path))}</code>: {texts.impact.people(touched)}
            </li>
          ))}
        </ul>
      )}
      {violations.documents !== 0 && (
        <>
          <p>{texts.impact.violations(violations.documents)}</p>
          <ul>
            {violations.examples.map(({ pointer, rule }) => (
              <li key={pointer + rule}>
                <code>{nameOf(pathOf(pointer))}</code> {rule}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
