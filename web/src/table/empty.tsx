import { useState } from "react";
import { newKey } from "../idempotency/key";
import { useTexts } from "../texts/texts";
import { CopyButton } from "../ui/copy";

/** What is there before anybody is: what would appear, and how to make it so. */
export function Empty({ filtered, onNew }: { filtered: boolean; onNew: () => void }) {
  const texts = useTexts();
  const [key] = useState(newKey);
  const command = `curl ${location.origin}/contact.v1.SubmitService/SubmitPerson \\
  -H 'Content-Type: application/json' \\
  -d '{"person": {"name": "Ada Lovelace", "email": "ada@example.org"},
       "idempotencyKey": "${key}"}'`;
  return (
    <div className="empty">
      <h2>{filtered ? texts.emptyFiltered : texts.empty}</h2>
      <p>{texts.emptyHint}</p>
      <pre>{command}</pre>
      <p className="actions">
        <button type="button" className="primary" onClick={onNew}>
          {texts.newPerson}
        </button>
        <CopyButton label={texts.copy} text={() => command} />
      </p>
    </div>
  );
}
