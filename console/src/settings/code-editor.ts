import { json } from '@codemirror/lang-json';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorState, Transaction } from '@codemirror/state';
import { tags } from '@lezer/highlight';
import { basicSetup, EditorView } from 'codemirror';
import { replacementOf } from './replacement.js';

const COLORS = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--accent)' },
  { tag: tags.string, color: 'var(--good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--warn)' },
]);

export interface CodeEditor {
  /** Shows another text, in which the caret stays where it was; undoing does not take it back. */
  show(text: string): void;
  close(): void;
}

interface Options {
  readonly label: string;
  readonly text: string;
  readonly isWritable: boolean;
  readonly onText: (text: string) => void;
}

/**
 * CodeMirror with JSON, loaded when somebody looks at a text. It lives in a shadow root: there its styles are a
 * constructed sheet, which the content security policy lets through, and in the page they would be an inline one.
 */
export function openEditor(parent: HTMLElement, { label, text, isWritable, onText }: Options): CodeEditor {
  const root = parent.shadowRoot ?? parent.attachShadow({ mode: 'open' });
  let isShowing = false;
  const view = new EditorView({
    doc: text,
    parent: root,
    root,
    extensions: [
      basicSetup,
      json(),
      syntaxHighlighting(COLORS),
      EditorView.lineWrapping,
      EditorView.editable.of(isWritable),
      EditorState.readOnly.of(!isWritable),
      EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
      EditorView.updateListener.of(({ docChanged, state }) => {
        if (docChanged && !isShowing) onText(state.doc.toString());
      }),
      EditorView.theme({
        '&': { color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: '0.875rem' },
        '&.cm-focused': { outline: '2px solid var(--accent)' },
        '.cm-content': { caretColor: 'var(--text)', fontFamily: 'var(--mono)' },
        '.cm-cursor': { borderLeftColor: 'var(--text)' },
        '.cm-gutters': { backgroundColor: 'var(--raised)', color: 'var(--muted)', border: 'none' },
        '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--raised)' },
        '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
          backgroundColor: 'var(--selection) !important',
        },
        '.cm-panels': { backgroundColor: 'var(--raised)', color: 'var(--text)' },
      }),
    ],
  });
  return {
    show(next) {
      isShowing = true;
      view.dispatch({
        changes: replacementOf(view.state.doc.toString(), next),
        annotations: Transaction.addToHistory.of(false),
      });
      isShowing = false;
    },
    close: () => view.destroy(),
  };
}
