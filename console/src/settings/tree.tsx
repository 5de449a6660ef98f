import { useState } from 'preact/hooks';
import { briefly } from '../json/text.js';
import { nameOf, type Path, pointerOf, valueAt } from '../json/path.js';
import { areEqual, type JsonObject, type JsonValue, kindOf } from '../json/value.js';
import { type Effective, hintAt, lockOver } from '../layers/effective.js';
import { LayerNote } from '../layers/layer-note.js';
import { texts } from '../texts.js';
import { AddMember } from './add-member.js';
import { KindSelect } from './kind-select.js';
import { type Container, countRows, firstRows, isContainer, type TreeRow, rowsOf } from './tree-rows.js';
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

/** Lines that are shown at first, and how many more each time. */
const SHOWN = 200;

/** A document as nested lists of keys, each with an input that suits its value. */
export function Tree(props: TreeProps) {
  const { value, search, isWritable, onChange } = props;
  const [limit, setLimit] = useState(SHOWN);
  /** What was opened or closed by hand. */
  const [opened, setOpened] = useState<Readonly<Record<string, boolean>>>({});
  // A large document is a list of its groups at first.
  const [isSmall] = useState(() => countRows(rowsOf(value, '', isTop)) <= SHOWN);
  const isOpen = (path: Path) => opened[pointerOf(path)] ?? (isSmall && isTop(path));
  const isEmpty = Object.keys(value).length === 0;
  const rows = rowsOf(value, search, isOpen);
  const left = countRows(rows) - limit;
  return (
    <div class="tree">
      {isEmpty && <p class="hint">{texts.tree.empty}</p>}
      {!isEmpty && rows.length === 0 && <p class="hint">{texts.tree.noMatch(search)}</p>}
      {!isEmpty && (
        <Rows
          {...props}
          rows={firstRows(rows, limit)}
          onOpen={(path, open) => setOpened({ ...opened, [pointerOf(path)]: open })}
        />
      )}
      {left > 0 && (
        <button type="button" class="quiet" onClick={() => setLimit(limit + SHOWN)}>
          {texts.tree.more(left)}
        </button>
      )}
      {isWritable && <AddMember container={value} path={[]} onAdd={onChange} />}
    </div>
  );
}

const isTop = (path: Path) => path.length === 1;

interface RowsProps extends TreeProps {
  readonly onOpen: (path: Path, isOpen: boolean) => void;
}

function Rows({ rows, ...props }: RowsProps & { rows: readonly TreeRow[] }) {
  return (
    <ul>
      {rows.map((row) => (
        <Row key={row.path.at(-1)} {...props} row={row} />
      ))}
    </ul>
  );
}

function Row({ row, ...props }: RowsProps & { row: TreeRow }) {
  const { base, layer, effective, isWritable: isWritableAtAll, onChange, onOpen } = props;
  const { path, value: member, children } = row;
  const isWritable = isWritableAtAll && lockOver(effective, layer, path) === undefined;
  const hint = hintAt(props.schema, path);
  const name = nameOf(path);
  const key = path.at(-1)!;
  const isOpen = children !== undefined;
  const before = valueAt(base, path);
  const isChanged =
    !areEqual(before, member) && !(isContainer(member) && before !== undefined && kindOf(before) === kindOf(member));
  return (
    <li class={isChanged ? 'changed' : undefined}>
      <div class="row">
        {isContainer(member) ? (
          <button type="button" class="quiet key" aria-expanded={isOpen} onClick={() => onOpen(path, !isOpen)}>
            {key}
          </button>
        ) : (
          <span class="key">{key}</span>
        )}
        {isContainer(member) ? (
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
      {isContainer(member) && isOpen && (
        <>
          <Rows {...props} rows={children} />
          {isWritable && <AddMember container={member} path={path} onAdd={onChange} />}
        </>
      )}
    </li>
  );
}

function summaryOf(container: Container, isOpen: boolean): string {
  const count = Object.keys(container).length;
  if (isOpen || count === 0) return Array.isArray(container) ? texts.tree.items(count) : texts.tree.keys(count);
  return briefly(container, 60);
}
