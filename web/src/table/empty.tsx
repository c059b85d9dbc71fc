import { useTexts } from "../texts/texts";
import { CopyButton } from "../ui/copy";

/** What is there before anybody is: what would appear, and how to make it so. */
export function Empty({ filtered }: { filtered: boolean }) {
  const texts = useTexts();
  const command = `curl ${location.origin}/contact.v1.SubmitService/SubmitPerson \\
  -H 'Content-Type: application/json' \\
  -d '{"person": {"name": "Ada Lovelace", "email": "ada@example.org"}}'`;
  return (
    <div className="empty">
      <h2>{filtered ? texts.emptyFiltered : texts.empty}</h2>
      <p>{texts.emptyHint}</p>
      <pre tabIndex={0}>{command}</pre>
      <CopyButton label={texts.copy} text={() => command} />
    </div>
  );
}
