import { memo } from "react";
import { Foreign, Sentence } from "../foreign/foreign";
import { formatAge, formatBytes, formatCount, formatTime } from "../texts/numbers";
import type { Texts } from "../texts/en";
import { useTexts } from "../texts/texts";
import { Icon } from "../ui/icon";
import type { GapRow, Phone, Row } from "../watch/row";

/** The cells of a row: the same while the list moves. */
export const Line = memo(function Line({ row, now }: { row: Row; now: number }) {
  const texts = useTexts();
  if (row.kind === "gap") {
    return (
      <span className="whole" role="gridcell" aria-colspan={5}>
        <span>{gapWords(texts, row)}</span>
      </span>
    );
  }
  const age = (
    <time className="age numbers" role="gridcell" dateTime={new Date(row.publishedAt).toISOString()} title={formatTime(row.publishedAt)}>
      {formatAge(now - row.publishedAt)}
    </time>
  );
  if (row.kind === "rejected") {
    return (
      <>
        <span className="sequence numbers" role="gridcell">
          {row.sequence}
        </span>
        <span className="reason" role="gridcell" aria-colspan={3}>
          <Icon name="warning" />
          <span>
            <Sentence words={(reason) => texts.unreadable(reason, formatBytes(row.size))} foreign={row.reason} />
          </span>
        </span>
        {age}
      </>
    );
  }
  const { name, email, phones } = row.person;
  return (
    <>
      <span className="sequence numbers" role="gridcell">
        {row.sequence}
      </span>
      <span className="name" role="gridcell">
        <Foreign text={name} />
      </span>
      <span className="email" role="gridcell">
        <Foreign text={email} />
      </span>
      <span className="phones" role="gridcell">
        <FirstPhone phones={phones} />
      </span>
      {age}
    </>
  );
});

export function gapWords(texts: Texts, gap: GapRow): string {
  if (gap.reason === "epochChanged" || gap.last === 0) return texts.madeAnew;
  if (gap.first === gap.last) return texts.goneOne(formatCount(gap.first));
  return texts.gone(formatCount(gap.last - gap.first + 1), formatCount(gap.first), formatCount(gap.last));
}

/** The first phone, and how many there are beside it. */
function FirstPhone({ phones }: { phones: readonly Phone[] }) {
  const texts = useTexts();
  const [first, ...others] = phones;
  if (first === undefined) return null;
  return (
    <>
      {first.type !== undefined && `${texts.phoneTypes[first.type]} `}
      <Foreign text={first.number} />
      {others.length > 0 && ` +${others.length}`}
    </>
  );
}
