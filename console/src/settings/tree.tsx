import { useState } from 'preact/hooks';
import { briefly } from '../json/text.js';
import { nameOf, type Path, valueAt } from '../json/path.js';
import { areEqual, isObject, type JsonObject, type JsonValue, kindOf, membersOf, scalarText } from '../json/value.js';
import { type Effective, hintAt, lockOver } from '../layers/effective.js';
import { LayerNote } from '../layers/layer-note.js';
import { texts } from '../texts.js';
import { AddMember } from './add-member.js';
import { KindSelect } from './kind-select.js';
import { ValueInput } from './value-input.js';

export interface TreeProps {
  readonly value: JsonObject;
  /** What was saved: what differs is marked. */
  readonly base: JsonObject;
  readonly search: string;
  readonly isWritable: boolean;
  readonly layer: 'organization' | 'user';
  /** What applies, as far as the service tells. */
  readonly effective: Effective | undefined;
  /** What the values are to be like. */
  readonly schema: JsonValue | undefined;
  readonly onChange: (path: Path, value: JsonValue | undefined) => void;
}

/** Members of one object or array that are shown at first. */
const SHOWN = 200;

/** A document as nested lists of keys, each with an input that suits its value. */
export function Tree(props: TreeProps) {
  const { value, search, isWritable, onChange } = props;
  const isEmpty = Object.keys(value).length === 0;
  if (!isEmpty && search !== '' && !matches(value, [], search)) return <p class="hint">{texts.tree.noMatch(search)}</p>;
  return (
    <div class="tree">
      {isEmpty && <p class="hint">{texts.tree.empty}</p>}
      {!isEmpty && <Members {...props} path={[]} container={value} />}
      {isWritable && <AddMember container={value} path={[]} onAdd={onChange} />}
    </div>
  );
}

function Members({ path, container, ...props }: TreeProps & { path: Path; container: JsonObject | JsonValue[] }) {
  const [limit, setLimit] = useState(SHOWN);
  const members = Array.isArray(container)
    ? container.map((element, n): [string, JsonValue] => [String(n), element])
    : membersOf(container);
  const found = members.filter(([key, member]) => matches(member, [...path, key], props.search));
  return (
    <ul>
      {found.slice(0, limit).map(([key, member]) => (
        <Row key={key} {...props} path={[...path, key]} member={member} />
      ))}
      {found.length > limit && (
        <li>
          <button type="button" class="quiet" onClick={() => setLimit(limit + SHOWN)}>
            {texts.tree.more(found.length - limit)}
          </button>
        </li>
      )}
    </ul>
  );
}

function Row({ path, member, ...props }: TreeProps & { path: Path; member: JsonValue }) {
  const { base, search, layer, effective, isWritable: isWritableAtAll, onChange } = props;
  const isWritable = isWritableAtAll && lockOver(effective, layer, path) === undefined;
  const hint = hintAt(props.schema, path);
  const [isOpenByHand, setOpen] = useState(path.length === 1);
  const name = nameOf(path);
  const key = path.at(-1)!;
  const isContainer = isObject(member) || Array.isArray(member);
  const isOpen = isOpenByHand || search !== '';
  const before = valueAt(base, path);
  const isChanged =
    !areEqual(before, member) && !(isContainer && before !== undefined && kindOf(before) === kindOf(member));
  return (
    <li class={isChanged ? 'changed' : undefined}>
      <div class="row">
        {isContainer ? (
          <button type="button" class="quiet key" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {key}
          </button>
        ) : (
          <span class="key">{key}</span>
        )}
        {isContainer ? (
          <span class="hint">{summaryOf(member, isOpen)}</span>
        ) : (
          <ValueInput
            label={name}
            value={member}
            choices={hint?.enum}
            isWritable={isWritable}
            onChange={(next) => onChange(path, next)}
          />
        )}
        {isChanged && <span class="badge">{before === undefined ? texts.tree.added : texts.tree.changed}</span>}
        {isWritableAtAll && (
          <span class="row-actions">
            {isWritable && (
              <KindSelect label={texts.tree.kindOf(name)} value={member} onChange={(next) => onChange(path, next)} />
            )}
            <button
              type="button"
              class="quiet"
              aria-label={texts.tree.remove(name)}
              title={texts.tree.remove(name)}
              onClick={() => onChange(path, undefined)}
            >
              ✕
            </button>
          </span>
        )}
      </div>
      <LayerNote path={path} value={member} layer={layer} effective={effective} hint={hint} />
      {isContainer && isOpen && (
        <>
          <Members {...props} path={path} container={member} />
          {isWritable && <AddMember container={member} path={path} onAdd={onChange} />}
        </>
      )}
    </li>
  );
}

function summaryOf(container: JsonObject | JsonValue[], isOpen: boolean): string {
  const count = Object.keys(container).length;
  if (isOpen || count === 0) return Array.isArray(container) ? texts.tree.items(count) : texts.tree.keys(count);
  return briefly(container, 60);
}

/** Whether a key, its value, or what is below it has the text. */
function matches(value: JsonValue, path: Path, search: string): boolean {
  if (search === '') return true;
  const text = search.toLowerCase();
  if (nameOf(path).toLowerCase().includes(text)) return true;
  if (Array.isArray(value)) return value.some((element, n) => matches(element, [...path, String(n)], search));
  if (isObject(value)) return Object.entries(value).some(([key, member]) => matches(member, [...path, key], search));
  return scalarText(value).toLowerCase().includes(text);
}
