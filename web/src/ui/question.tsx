import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

/** Asks before something is given up. Escape, like the first button, gives up nothing. */
export function Question(props: { children: ReactNode; no: string; yes: string; onNo: () => void; onYes: () => void }) {
  const { children, no, yes, onNo, onYes } = props;
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);

  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close(); // which gives the focus back
  }, []);

  return (
    <dialog
      ref={dialog}
      className="question"
      role="alertdialog"
      aria-labelledby={id}
      onClose={(event) => {
        if (!event.currentTarget.open) onNo();
      }}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <p id={id}>{children}</p>
      <p className="actions">
        <button type="button" className="primary" onClick={onNo}>
          {no}
        </button>
        <button type="button" className="quiet" onClick={onYes}>
          {yes}
        </button>
      </p>
    </dialog>
  );
}
