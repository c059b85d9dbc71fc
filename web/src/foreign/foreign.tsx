import { harmless } from "./harmless";

/** A text that others have written. It changes neither the order nor the lines of what is around it. */
export function Foreign({ text }: { text: string }) {
  return <bdi>{harmless(text)}</bdi>;
}

/** Stands in a sentence for what others have written. */
const place = "\uFFFC";

/** A sentence of the page's with a text of others in it. */
export function Sentence({ words, foreign }: { words: (foreign: string) => string; foreign: string }) {
  const [before, after] = words(place).split(place);
  return (
    <>
      {before}
      <Foreign text={foreign} />
      {after}
    </>
  );
}
