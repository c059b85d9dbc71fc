import { useEffect, useState } from "react";
import { useTexts } from "../texts/texts";

/** A button that copies a text, and says so. */
export function CopyButton(props: { label: string; text: () => string }) {
  const texts = useTexts();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <button
      type="button"
      className="quiet"
      onClick={() => {
        void copyText(props.text()).then(setCopied);
      }}
    >
      <span aria-live="polite">{copied ? texts.copied : props.label}</span>
    </button>
  );
}

/** Copies where the browser lets it: the clipboard is for HTTPS and this machine alone. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
