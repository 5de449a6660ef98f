import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { AuditPage } from './audit/audit-page.js';
import { OrganizationPage } from './organization/organization-page.js';
import { PeoplePage } from './people/people-page.js';
import { ProfilePage } from './people/profile-page.js';
import { PolicyPage } from './policy/policy-page.js';
import { linkTo, route } from './route.js';
import { configuration } from './session/configuration.js';
import { ending, giveUpSignIn, isConnected, membershipOf, refreshUser, user } from './session/session.js';
import { SignIn } from './session/sign-in.js';
import { SettingsPage } from './settings/settings-page.js';
import { texts } from './texts.js';
import { nextTheme, theme } from './theme.js';
import { announce, Announcement } from './ui/announcement.js';
import { Dialog } from './ui/dialog.js';
import { catchFocus } from './ui/focus.js';
import { useRefreshed } from './ui/use-refreshed.js';

interface Page {
  readonly name: keyof typeof texts.pages;
  /** Only for who has an organization. */
  readonly isOfOrganization?: boolean;
  readonly show: (view: string | undefined) => ComponentChildren;
}

const PAGES: readonly Page[] = [
  {
    name: 'settings',
    isOfOrganization: true,
    show: (view) => <SettingsPage key="organization" id="organization" view={view} />,
  },
  { name: 'people', isOfOrganization: true, show: () => <PeoplePage /> },
  { name: 'organization', isOfOrganization: true, show: (view) => <OrganizationPage view={view} /> },
  { name: 'policy', isOfOrganization: true, show: (view) => <PolicyPage view={view} /> },
  { name: 'audit', show: () => <AuditPage /> },
  { name: 'mine', show: (view) => <SettingsPage key="user" id="user" view={view} /> },
  { name: 'profile', show: () => <ProfilePage /> },
];

export function App() {
  useNewsOfUser();
  return (
    <>
      {user.value === undefined ? <Welcome /> : <Shell key={membershipOf(user.value)} />}
      <Announcement />
    </>
  );
}

/** Tells who is signed in that somebody gave them another organization, or another role. */
function useNewsOfUser() {
  const known = useRef(user.value);
  useEffect(() => {
    const [before, now] = [known.current, user.value];
    known.current = now;
    if (now === undefined || before?.id !== now.id) return;
    if (before.orgId !== now.orgId) {
      announce(now.orgId === null ? texts.profile.noOrganization : texts.organizationNews);
    } else if (before.orgRole !== now.orgRole && now.orgRole !== null) {
      announce(texts.roleNews(texts.roles[now.orgRole]!));
    }
  }, [user.value]);
}

function Welcome() {
  return (
    <main class="welcome">
      <h1>{texts.title}</h1>
      <p>{texts.signIn.about}</p>
      <SignIn />
    </main>
  );
}

function Shell() {
  const { email, orgId } = user.value!;
  const pages = PAGES.filter(({ isOfOrganization }) => !isOfOrganization || orgId !== null);
  const [name, view] = route.value;
  const page = pages.find((one) => one.name === name) ?? pages[0]!;
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${texts.pages[page.name]} · ${texts.title}`;
    // Whoever cannot see the page hears where they are.
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [page.name]);
  useEffect(() => {
    const events = ['click', 'submit', 'keyup'];
    for (const event of events) addEventListener(event, catchFocus);
    return () => {
      for (const event of events) removeEventListener(event, catchFocus);
    };
  }, []);
  // What fails now is asked for again; an end of the session is told by itself.
  useRefreshed(() => void refreshUser().catch(() => undefined));
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {texts.skip}
      </a>
      <header class="top">
        <a class="brand" href={linkTo(pages[0]!.name)}>
          {texts.title}
        </a>
        {!isConnected.value && (
          <span class="badge warning" role="status">
            {texts.disconnected}
          </span>
        )}
        <button type="button" class="quiet" aria-label={texts.theme.change(theme.value)} onClick={nextTheme}>
          {texts.theme.icons[theme.value]}
        </button>
        <a class="who" href={linkTo('profile')}>
          {email}
        </a>
      </header>
      <nav class="pages" aria-label={texts.pagesLabel}>
        {pages.map((one) => (
          <a key={one.name} href={linkTo(one.name)} aria-current={one === page ? 'page' : undefined}>
            {texts.pages[one.name]}
          </a>
        ))}
      </nav>
      <main ref={main} id="main" tabIndex={-1}>
        <SessionEnd />
        {page.show(view)}
      </main>
    </>
  );
}

/** Tells that the session ends, before it does, and lets go on; afterwards nothing works but to sign in again. */
function SessionEnd() {
  if (ending.value === 'soon') {
    return (
      <div class="notice warning ending" role="alert">
        <p>{texts.ending.soon}</p>
        <button type="button" onClick={() => (ending.value = 'renewing')}>
          {texts.ending.renew}
        </button>
      </div>
    );
  }
  if (ending.value === undefined) return null;
  const isOver = ending.value === 'over';
  const stay = () => {
    giveUpSignIn();
    ending.value = 'soon';
  };
  return (
    <Dialog title={texts.ending.over} {...(!isOver && { onClose: stay })}>
      <p>{isOver ? texts.ending.kept : texts.ending.keeps}</p>
      {configuration.provider !== undefined && <p>{texts.ending.leaves}</p>}
      <SignIn />
    </Dialog>
  );
}
