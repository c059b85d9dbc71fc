import { personJSON } from "../export/json";
import { toVCard } from "../export/vcard";
import { Foreign } from "../foreign/foreign";
import { formatBytes, formatCount, formatDay, formatTime } from "../texts/numbers";
import { useTexts } from "../texts/texts";
import { CopyButton } from "../ui/copy";
import { Panel } from "../ui/panel";
import type { PersonRow, Row } from "../watch/row";
import { gapWords } from "./line";

/** Everything that is known of a row. */
export function Details({ row, onClose }: { row: Row; onClose: () => void }) {
  const texts = useTexts();
  const heading = row.kind === "person" ? <Foreign text={row.person.name} /> : texts.details;
  return (
    <Panel heading={heading} onClose={onClose}>
      {row.kind === "gap" ? (
        <p>{gapWords(texts, row)}</p>
      ) : (
        <>
          <dl className="facts">
            {row.kind === "person" ? (
              <PersonFacts row={row} />
            ) : (
              <>
                <Fact name={texts.why}>
                  <Foreign text={row.reason} />
                </Fact>
                <Fact name={texts.size}>{formatBytes(row.size)}</Fact>
              </>
            )}
            <Fact name={texts.columns.sequence}>{formatCount(row.sequence)}</Fact>
            <Fact name={texts.publishedAt}>
              <time dateTime={new Date(row.publishedAt).toISOString()}>{formatTime(row.publishedAt)}</time>
            </Fact>
            <Fact name={texts.position}>
              <code>
                {row.epoch}:{row.sequence}
              </code>
            </Fact>
          </dl>
          {row.kind === "person" && (
            <p className="actions">
              <CopyButton label={texts.copyAs("JSON")} text={() => JSON.stringify(personJSON(row.person), null, 2)} />
              <CopyButton label={texts.copyAs("vCard")} text={() => toVCard(row)} />
            </p>
          )}
        </>
      )}
    </Panel>
  );
}

function PersonFacts({ row }: { row: PersonRow }) {
  const texts = useTexts();
  const { email, phones, birthdate } = row.person;
  return (
    <>
      <Fact name={texts.columns.email}>
        <a href={`mailto:${encodeURIComponent(email).replace("%40", "@")}`}>
          <Foreign text={email} />
        </a>
      </Fact>
      <Fact name={texts.columns.phones}>
        {phones.length === 0 ? (
          <span className="faint">{texts.noPhones}</span>
        ) : (
          <ul className="plain">
            {phones.map(({ number, type }, i) => (
              // a person may have a number twice
              <li key={i}>
                <a href={`tel:${number.replace(/[^0-9+]/g, "")}`}>
                  <Foreign text={number} />
                </a>
                {type !== undefined && <span className="faint"> {texts.phoneTypes[type]}</span>}
              </li>
            ))}
          </ul>
        )}
      </Fact>
      <Fact name={texts.birthdate}>
        {birthdate === undefined ? <span className="faint">{texts.notSaid}</span> : formatDay(birthdate)}
      </Fact>
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
