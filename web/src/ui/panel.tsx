import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTexts } from "../texts/texts";
import { Icon } from "./icon";
import { useKeys } from "./keys";

/**
 * A panel at the right of the list, on a phone from below. It takes the focus when it
 * opens, closes with Escape, and gives the focus back.
 */
export function Panel(props: { heading: ReactNode; onClose: () => void; children: ReactNode }) {
  const { heading, onClose, children } = props;
  const texts = useTexts();
  const id = useId();
  const panel = useRef<HTMLElement>(null);

  useEffect(() => {
    const before = document.activeElement;
    const first = panel.current?.querySelector<HTMLElement>("[data-autofocus]");
    (first ?? panel.current)?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  // wherever the focus is, unless a field there has its own use for it
  useKeys({ Escape: onClose });

  return (
    <aside
      ref={panel}
      className="panel"
      aria-labelledby={id}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.nativeEvent.isComposing) return;
        event.stopPropagation();
        event.preventDefault(); // or it closes the question, too, that is asked now
        onClose();
      }}
    >
      <header className="panel-head">
        <h2 id={id}>{heading}</h2>
        <button type="button" className="icon" onClick={onClose} aria-label={texts.close} title={texts.close}>
          <Icon name="close" />
        </button>
      </header>
      <div className="panel-body">{children}</div>
    </aside>
  );
}
