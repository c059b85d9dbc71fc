import { type ReactNode, useRef } from "react";
import { Icon } from "./icon";

/** A button that opens a few others. They go when one is pressed, with Escape, and with the focus. */
export function Menu(props: { icon: Parameters<typeof Icon>[0]["name"]; label: string; children: ReactNode }) {
  const { icon, label, children } = props;
  const menu = useRef<HTMLDetailsElement>(null);
  const close = () => {
    if (menu.current !== null) menu.current.open = false;
  };
  return (
    <details
      ref={menu}
      className="menu"
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) close();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || menu.current?.open !== true) return;
        event.stopPropagation();
        close();
        menu.current.querySelector("summary")?.focus();
      }}
    >
      <summary className="icon" title={label} aria-label={label}>
        <Icon name={icon} />
      </summary>
      <div className="choices" onClick={close}>
        {children}
      </div>
    </details>
  );
}
