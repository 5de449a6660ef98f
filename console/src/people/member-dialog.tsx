import type { Member, Versioned } from '@flashback/client/lossless';
import { useRef, useState } from 'preact/hooks';
import { client, user } from '../session/session.js';
import { texts } from '../texts.js';
import { announce } from '../ui/announcement.js';
import { Dialog } from '../ui/dialog.js';
import { ReasonField, TextField } from '../ui/field.js';
import { Problem } from '../ui/problem.js';
import { useLoaded } from '../ui/use-loaded.js';
import { RoleField } from './invite-dialog.js';

interface Props {
  readonly member: Member;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** What can be done about one person, as they are now: names, role, removal, and the way back. */
export function MemberDialog({ member: { id, email }, onClose, onDone }: Props) {
  const { value, error, reload } = useLoaded(() => client.organization.users.get(id), [id]);
  return (
    <Dialog title={email} onClose={onClose}>
      <Problem error={error} onRetry={reload} />
      {value !== undefined && <MemberForm member={value} onClose={onClose} onDone={onDone} />}
      {value === undefined && error === undefined && <p class="hint">{texts.common.loading}</p>}
    </Dialog>
  );
}

function MemberForm({ member, onClose, onDone }: Props & { member: Versioned }) {
  const [name, setName] = useState(member.name);
  const [lastName, setLastName] = useState(member.lastName ?? '');
  const [role, setRole] = useState(member.orgRole);
  const [reason, setReason] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  /** What is stored by now: one of two changes may have failed. */
  const stored = useRef({ role: member.orgRole, ifVersion: member.version });
  const isSelf = member.id === user.value?.id;
  const note = reason.trim() === '' ? {} : { reason: reason.trim() };

  const run = async (work: () => Promise<unknown>, done: string) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
      announce(done);
      onDone();
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  const save = async () => {
    if (role !== stored.current.role) {
      const { ifVersion } = stored.current;
      const { version } = await client.users.setRole(member.id, role, { ...note, ifVersion });
      stored.current = { role, ifVersion: version };
      onDone();
    }
    const names = {
      ...(name !== member.name && { name }),
      ...(lastName !== (member.lastName ?? '') && { lastName }),
    };
    if (Object.keys(names).length > 0) {
      await client.users.update(member.id, names, { ...note, ifVersion: stored.current.ifVersion });
    }
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void run(save, texts.people.saved(member.email));
      }}
    >
      {member.deletedAt === null ? (
        <>
          <TextField label={texts.people.firstName} value={name} onText={setName} autoFocus required />
          <TextField
            label={texts.people.lastName}
            value={lastName}
            onText={setLastName}
            required={member.lastName !== null || lastName !== ''}
          />
          <RoleField value={role} onRole={setRole} />
        </>
      ) : (
        <p>{texts.people.isDeleted}</p>
      )}
      <ReasonField value={reason} onText={setReason} />
      <Problem error={problem} />
      <footer>
        {member.deletedAt === null && !member.validated && (
          <button
            type="button"
            disabled={isBusy}
            onClick={() =>
              void run(
                () => client.organization.users.resendInvitation(member.id, note),
                texts.people.invited(member.email),
              )
            }
          >
            {texts.people.resend}
          </button>
        )}
        {member.deletedAt === null && !isSelf && (
          <button
            type="button"
            class="danger"
            disabled={isBusy}
            onClick={() =>
              void run(
                () => client.organization.users.delete(member.id, { ...note, ifVersion: stored.current.ifVersion }),
                texts.people.removed(member.email),
              )
            }
          >
            {texts.people.remove}
          </button>
        )}
        {member.deletedAt === null ? (
          <button type="submit" class="primary" disabled={isBusy}>
            {texts.people.save}
          </button>
        ) : (
          <button
            type="button"
            class="primary"
            disabled={isBusy}
            onClick={() =>
              void run(() => client.organization.users.activate(member.id, note), texts.people.isBack(member.email))
            }
          >
            {texts.people.bringBack}
          </button>
        )}
      </footer>
    </form>
  );
}
