import { useEffect, useRef, useState } from 'preact/hooks';
import type { Draft, Moment } from '../document/draft.js';
import { textOf } from '../json/text.js';
import { areEqual } from '../json/value.js';
import { texts } from '../texts.js';
import type { CodeEditor } from './code-editor.js';

interface Props {
  readonly label: string;
  readonly draft: Draft;
}

/** The document as JSON text. What is no JSON yet changes nothing, and says what is wrong. */
export function TextView({ label, draft }: Props) {
  const parent = useRef<HTMLDivElement>(null);
  const editor = useRef<CodeEditor>(undefined);
  /** What was known when the text last was JSON. */
  const shown = useRef<Moment>(draft.unread.value?.from ?? draft.moment);
  const [isFailed, setFailed] = useState(false);
  const value = draft.value.value;
  const saved = draft.base.value?.value;
  const unread = draft.unread.value;

  /** Shows what comes from elsewhere; what was typed stays as it was typed. */
  const follow = () => {
    if (draft.unread.peek() !== undefined) return;
    const before = shown.current.value;
    shown.current = draft.moment;
    const { value } = shown.current;
    if (!areEqual(before, value)) editor.current?.show(textOf(value));
  };
  const onText = (text: string) => {
    const isAsTyped = draft.setText(text, shown.current);
    if (draft.unread.peek() !== undefined) return;
    if (isAsTyped) shown.current = draft.moment;
    else follow();
  };

  useEffect(() => {
    let isGone = false;
    import('./code-editor.js').then(
      ({ openEditor }) => {
        if (isGone || parent.current === null) return;
        // It may be another one than when the editor began to be loaded.
        const text = draft.unread.peek()?.text ?? textOf(draft.value.peek());
        const { isWritable } = draft.document;
        editor.current = openEditor(parent.current, { label, text, isWritable, onText });
      },
      () => setFailed(true),
    );
    return () => {
      isGone = true;
      editor.current?.close();
    };
  }, []);

  useEffect(follow, [value, saved]);

  return (
    <>
      <div class="editor" ref={parent} />
      {isFailed && <p role="alert">{texts.text.notLoaded}</p>}
      {unread !== undefined && (
        <p class="notice problem" role="alert">
          {texts.text.noJson(unread.problem)}{' '}
          <button type="button" onClick={() => draft.discardText()}>
            {texts.text.discard}
          </button>
        </p>
      )}
    </>
  );
}
