import { useEffect, useRef, useState } from 'preact/hooks';
import { readObject, textOf } from '../json/text.js';
import { merge } from '../json/merge.js';
import { areEqual, type JsonObject } from '../json/value.js';
import { texts } from '../texts.js';
import type { CodeEditor } from './code-editor.js';

interface Props {
  readonly label: string;
  readonly value: JsonObject;
  readonly isWritable: boolean;
  readonly onChange: (value: JsonObject) => void;
}

/** The document as JSON text. What is no JSON yet changes nothing, and says what is wrong. */
export function TextView({ label, value, isWritable, onChange }: Props) {
  const parent = useRef<HTMLDivElement>(null);
  const editor = useRef<CodeEditor>(undefined);
  /** What the text was when it last was JSON, and what the document is now. */
  const typed = useRef<JsonObject>(value);
  const newest = useRef<JsonObject>(value);
  newest.current = value;
  const [problem, setProblem] = useState<string>();
  const [isFailed, setFailed] = useState(false);

  useEffect(() => {
    let isGone = false;
    const onText = (text: string) => {
      try {
        const read = readObject(text);
        // What came from elsewhere, while it was no JSON, goes with it.
        const next = merge(typed.current, read, newest.current).value;
        newest.current = typed.current = next;
        setProblem(undefined);
        if (!areEqual(next, read)) editor.current?.show(textOf(next));
        onChange(next);
      } catch (error) {
        setProblem((error as Error).message);
      }
    };
    import('./code-editor.js').then(
      ({ openEditor }) => {
        if (isGone) return;
        editor.current = openEditor(parent.current!, { label, text: textOf(value), isWritable, onText });
      },
      () => setFailed(true),
    );
    return () => {
      isGone = true;
      editor.current?.close();
    };
  }, []);

  // What comes from elsewhere is shown; what was typed stays as it was typed.
  useEffect(() => {
    if (problem !== undefined || areEqual(typed.current, value)) return;
    typed.current = value;
    setProblem(undefined);
    editor.current?.show(textOf(value));
  }, [value]);

  return (
    <>
      <div class="editor" ref={parent} />
      {isFailed && <p role="alert">{texts.text.notLoaded}</p>}
      {problem !== undefined && (
        <p class="notice problem" role="alert">
          {texts.text.noJson(problem)}
        </p>
      )}
    </>
  );
}
