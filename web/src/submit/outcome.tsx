import { Foreign } from "../foreign/foreign";
import { formatCount, formatMinutes } from "../texts/numbers";
import { useTexts } from "../texts/texts";
import type { Position } from "../watch/position";
import type { Refusal } from "./refusal";
import type { SubmissionState } from "./submission";

/** For so long, in minutes, a stream surely remembers a key. */
const keyIsKnown = 5;

/** What became of the person who was sent. */
export function Outcome({ state, onShow }: { state: SubmissionState; onShow: (position: Position) => void }) {
  const texts = useTexts();
  const { attempt, last, outcome, sent, changed } = state;
  if (attempt > 1 && last !== undefined) {
    return (
      <p>
        <RefusalWords refusal={last} /> {texts.form.again(attempt)}
      </p>
    );
  }
  if (outcome?.is === "stored") {
    return (
      <p className="good">
        {(outcome.duplicate ? texts.form.storedBefore : texts.form.stored)(formatCount(outcome.position.sequence))}{" "}
        <button type="button" className="quiet" onClick={() => onShow(outcome.position)}>
          {texts.form.show}
        </button>
      </p>
    );
  }
  if (outcome?.is !== "refused" || outcome.refusal.mistakes.size > 0) return null;
  const { refusal } = outcome;
  const minutes = sent === undefined ? 0 : Math.floor((Date.now() - sent.at) / 60_000);
  const { notStored, unknown, sentBefore, lookFirst, sendAgain, sendAgainLater } = texts.form;
  const todo = () => {
    if (changed) return sentBefore;
    if (refusal.maybeStored && minutes >= keyIsKnown) return lookFirst(formatMinutes(minutes));
    if (refusal.retry === "never") return "";
    return refusal.retry === "soon" ? sendAgain : sendAgainLater;
  };
  return (
    <p className="error">
      <RefusalWords refusal={refusal} /> {refusal.maybeStored ? unknown : notStored} {todo()}
    </p>
  );
}

/** Why, in the page's words, and in the server's where those say more. */
export function RefusalWords({ refusal: { why, message } }: { refusal: Refusal }) {
  const texts = useTexts();
  return (
    <>
      {texts.refusals[why]}
      {message !== "" && (
        <span lang="en">
          {" ("}
          <Foreign text={message} />
          {")"}
        </span>
      )}
    </>
  );
}
