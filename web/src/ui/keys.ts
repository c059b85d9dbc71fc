import { type KeyboardEvent as ReactKeyboardEvent, useEffect, useRef } from "react";

/** Calls back for keys that are pressed while no field is being filled in. */
export function useKeys(keys: Record<string, () => void>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
      const callback = latest.current[event.key];
      if (callback === undefined) return;
      event.preventDefault();
      callback();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
}

/** Whether keys go into what is pressed on. */
export function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

/** Escape leaves a field that nothing else closes. */
export function blurOnEscape(event: ReactKeyboardEvent<HTMLInputElement>): void {
  if (event.key === "Escape") event.currentTarget.blur();
}
