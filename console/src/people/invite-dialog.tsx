import type { Role } from '@flashback/client/lossless';
import { useState } from 'preact/hooks';
import { client } from '../session/session.js';
import { texts } from '../texts.js';
import { Dialog } from '../ui/dialog.js';
import { Field, TextField } from '../ui/field.js';
import { Problem } from '../ui/problem.js';
import { rolesToGive } from './roles.js';

interface Props {
  readonly onClose: () => void;
  readonly onDone: (email: string) => void;
}

export function InviteDialog({ onClose, onDone }: Props) {
  const [person, setPerson] = useState({ email: '', firstName: '', lastName: '' });
  const [orgRole, setRole] = useState<Role>(0);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const set = (name: keyof typeof person) => (text: string) => setPerson({ ...person, [name]: text });
  const invite = async () => {
    setBusy(true);
    try {
      await client.organization.users.create({ ...person, orgRole });
      onDone(person.email);
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={texts.people.invite} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void invite();
        }}
      >
        <TextField
          type="email"
          label={texts.people.email}
          value={person.email}
          onText={set('email')}
          autoFocus
          required
        />
        <TextField label={texts.people.firstName} value={person.firstName} onText={set('firstName')} required />
        <TextField label={texts.people.lastName} value={person.lastName} onText={set('lastName')} required />
        <RoleField value={orgRole} onRole={setRole} />
        <Problem error={problem} />
        <footer>
          <button type="button" onClick={onClose}>
            {texts.common.cancel}
          </button>
          <button type="submit" class="primary" disabled={isBusy}>
            {texts.people.send}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

interface RoleProps {
  readonly value: Role;
  readonly onRole: (role: Role) => void;
}

/** The roles that may be given, and the one that is there. */
export function RoleField({ value, onRole }: RoleProps) {
  const roles = [...new Set([...rolesToGive(), value])].sort((a, b) => a - b);
  return (
    <Field label={texts.people.role} hint={texts.roleHints[value]}>
      {(id, describedBy) => (
        <select
          id={id}
          aria-describedby={describedBy}
          value={value}
          onChange={({ currentTarget }) => onRole(Number(currentTarget.value) as Role)}
        >
          {roles.map((role) => (
            <option key={role} value={role}>
              {texts.roles[role]}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
