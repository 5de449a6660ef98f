import { linkTo } from '../route.js';
import { texts } from '../texts.js';

interface Props<View extends string> {
  /** Of the page that they are views of. */
  readonly route: string;
  /** What each view is called, in their order. */
  readonly names: Readonly<Record<View, string>>;
  readonly shown: View;
}

/** Links to the views of a page. */
export function Views<View extends string>({ route, names, shown }: Props<View>) {
  return (
    <nav class="views" aria-label={texts.viewsLabel}>
      {Object.entries<string>(names).map(([view, name]) => (
        <a key={view} href={linkTo(route, view)} aria-current={view === shown ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}

/** The view that an address names; the first one where it names none of them. */
export function viewOf<View extends string>(names: Readonly<Record<View, string>>, named: string | undefined): View {
  const views = Object.keys(names) as View[];
  return views.find((view) => view === named) ?? views[0]!;
}
