import type { Member } from '@flashback/client/lossless';
import { useEffect, useRef, useState } from 'preact/hooks';
import { client, user } from '../session/session.js';
import { texts } from '../texts.js';
import { announce } from '../ui/announcement.js';
import { TextField } from '../ui/field.js';
import { Problem } from '../ui/problem.js';
import { useLoaded } from '../ui/use-loaded.js';
import { useRefreshed } from '../ui/use-refreshed.js';
import { InviteDialog } from './invite-dialog.js';
import { MemberDialog } from './member-dialog.js';
import { managesPeople, rolesToGive } from './roles.js';

/** Members on one page of the list. */
const PAGE = 200;

/** The people of the organization. */
export function PeoplePage() {
  const [search, setSearch] = useState('');
  const [isInviting, setInviting] = useState(false);
  const [chosen, setChosen] = useState<Member>();
  const [limit, setLimit] = useState(PAGE);
  const mayManage = managesPeople();
  const { value, error, isLoading, reload } = useLoaded<Member[]>(
    async () => (mayManage ? allMembers() : []),
    [user.value?.id, mayManage],
  );
  // The stream tells nothing of people.
  const known = useRef<readonly Member[]>([]);
  const isRefreshed = useRef(false);
  useRefreshed(() => {
    isRefreshed.current = true;
    if (mayManage) reload();
  });
  useEffect(() => {
    if (isLoading) return;
    const changed = isRefreshed.current ? changedMembers(known.current, value ?? []) : [];
    if (changed.length > 0) announce(texts.people.news(changed.map(({ email }) => email)));
    known.current = value ?? [];
    isRefreshed.current = false;
  }, [value, isLoading]);
  const text = search.trim().toLowerCase();
  const found = (value ?? []).filter((member) => describe(member).toLowerCase().includes(text));
  return (
    <>
      <header class="page-head">
        <div>
          <h1>{texts.people.title}</h1>
          <p class="hint">{texts.people.about}</p>
        </div>
        {mayManage && (
          <button type="button" class="primary" onClick={() => setInviting(true)}>
            {texts.people.invite}
          </button>
        )}
      </header>
      {!mayManage && <p class="notice">{texts.people.notForYou}</p>}
      <Problem error={error} onRetry={reload} />
      {mayManage && <TextField type="search" label={texts.people.search} value={search} onText={setSearch} />}
      {isLoading && value === undefined && <p class="hint">{texts.common.loading}</p>}
      {found.length > 0 && (
        <table class="people">
          <thead>
            <tr>
              <th scope="col">{texts.people.person}</th>
              <th scope="col">{texts.people.role}</th>
              <th scope="col">{texts.people.state}</th>
              <th scope="col">
                <span class="for-readers">{texts.people.actions}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, limit).map((member) => (
              <tr key={member.id} class={member.deletedAt === null ? undefined : 'deleted'}>
                <th scope="row">
                  {member.name} {member.lastName}
                  <span class="hint">{member.email}</span>
                </th>
                <td>{texts.roles[member.orgRole]}</td>
                <td>{stateOf(member)}</td>
                <td>
                  {(rolesToGive().includes(member.orgRole) || member.id === user.value?.id) && (
                    <button
                      type="button"
                      aria-label={texts.people.manageOf(member.email)}
                      onClick={() => setChosen(member)}
                    >
                      {texts.people.manage}
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {value !== undefined && mayManage && found.length === 0 && <p class="hint">{texts.people.noMatch}</p>}
      {found.length > limit && (
        <button type="button" onClick={() => setLimit(limit + PAGE)}>
          {texts.tree.more(found.length - limit)}
        </button>
      )}
      {isInviting && (
        <InviteDialog
          onClose={() => setInviting(false)}
          onDone={(email) => {
            announce(texts.people.invited(email));
            reload();
          }}
        />
      )}
      {chosen && <MemberDialog member={chosen} onClose={() => setChosen(undefined)} onDone={reload} />}
    </>
  );
}

/** Page by page: there may be more than one reply has. */
async function allMembers(): Promise<Member[]> {
  const members: Member[] = [];
  let after: string | undefined;
  do {
    const { data, next } = await client.organization.users.list({ after });
    members.push(...data);
    after = next;
  } while (after !== undefined);
  return members;
}

function changedMembers(before: readonly Member[], after: readonly Member[]): Member[] {
  const known = new Map(before.map((member) => [member.id, JSON.stringify(member)]));
  return after.filter((member) => known.get(member.id) !== JSON.stringify(member));
}

function describe({ name, lastName, email, orgRole }: Member): string {
  return `${name} ${lastName ?? ''} ${email} ${texts.roles[orgRole]}`;
}

function stateOf({ deletedAt, validated }: Member): string {
  if (deletedAt !== null) return texts.people.deleted;
  return validated ? texts.people.active : texts.people.pending;
}
