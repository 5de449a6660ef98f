import type { UserProfile } from '@flashback/client/lossless';
import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { hasUnsavedChanges, lookForUnsaved } from '../document/unsaved.js';
import { client, onAnotherMembership, refreshUser, signOut, user } from '../session/session.js';
import { texts } from '../texts.js';
import { announce } from '../ui/announcement.js';
import { Dialog } from '../ui/dialog.js';
import { TextField } from '../ui/field.js';
import { Problem } from '../ui/problem.js';

interface Names {
  readonly name?: string;
  readonly lastName?: string;
}

/** What was typed, which stays while other pages are looked at. */
const typed = signal<Names>({});

onAnotherMembership(() => (typed.value = {}));
lookForUnsaved(() => isChangedFrom(user.value));

function isChangedFrom(profile: UserProfile | undefined): boolean {
  const { name = profile?.name, lastName = profile?.lastName ?? '' } = typed.value;
  return name !== profile?.name || lastName !== (profile?.lastName ?? '');
}

/** Who is signed in, and their own names. */
export function ProfilePage() {
  const profile = user.value!;
  // What was not typed here follows what others change.
  const { name = profile.name, lastName = profile.lastName ?? '' } = typed.value;
  const [problem, setProblem] = useState<unknown>();
  const [isLeaving, setLeaving] = useState(false);
  const isChanged = isChangedFrom(profile);
  const save = async () => {
    try {
      const sent = typed.value;
      await client.users.update(profile.id, sent);
      await refreshUser();
      // What was typed meanwhile stays.
      const left = Object.entries(typed.value).filter(([member, text]) => text !== sent[member as keyof Names]);
      typed.value = Object.fromEntries(left);
      setProblem(undefined);
      announce(texts.profile.saved);
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <>
      <header class="page-head">
        <h1>{texts.profile.title}</h1>
      </header>
      <dl class="facts">
        <dt>{texts.people.email}</dt>
        <dd>{profile.email}</dd>
        <dt>{texts.people.role}</dt>
        <dd>{profile.orgRole === null ? texts.profile.noOrganization : texts.roles[profile.orgRole]}</dd>
      </dl>
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextField
          label={texts.people.firstName}
          value={name}
          onText={(text) => (typed.value = { ...typed.value, name: text })}
          required
        />
        <TextField
          label={texts.people.lastName}
          value={lastName}
          onText={(text) => (typed.value = { ...typed.value, lastName: text })}
          required={typed.value.lastName !== undefined}
        />
        <Problem error={problem} />
        <footer>
          <button type="submit" class="primary" disabled={!isChanged}>
            {texts.profile.save}
          </button>
        </footer>
      </form>
      <button type="button" onClick={() => (hasUnsavedChanges() ? setLeaving(true) : signOut())}>
        {texts.profile.signOut}
      </button>
      {isLeaving && (
        <Dialog title={texts.profile.leave} onClose={() => setLeaving(false)}>
          <p>{texts.profile.unsaved}</p>
          <footer>
            <button type="button" onClick={() => setLeaving(false)}>
              {texts.common.cancel}
            </button>
            <button type="button" class="danger" onClick={signOut}>
              {texts.profile.leaveAnyway}
            </button>
          </footer>
        </Dialog>
      )}
    </>
  );
}
