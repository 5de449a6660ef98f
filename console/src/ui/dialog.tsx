import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { texts } from '../texts.js';
import { catchFocus } from './focus.js';

interface Props {
  readonly title: string;
  /** Absent: it cannot be left without doing what it asks for. */
  readonly onClose?: () => void;
  readonly children: ComponentChildren;
}

/** The platform's own dialog: it keeps the focus inside and gives it back; where it may be left, Escape closes it. */
export function Dialog({ title, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => {
      // It gives the focus back only while it is still on the page: an effect of useEffect would end too late.
      element.close();
      catchFocus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      // Chromium closes it when Escape is pressed again, whatever else is to happen.
      onClose={() => dialog.current?.showModal()}
    >
      <header>
        <h2 id={id}>{title}</h2>
        {onClose && (
          <button type="button" class="quiet" aria-label={texts.common.close} onClick={onClose}>
            ✕
          </button>
        )}
      </header>
      {children}
    </dialog>
  );
}
