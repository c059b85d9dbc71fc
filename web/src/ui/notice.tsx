import { useTexts } from "../texts/texts";
import type { Connection } from "../watch/connection";
import type { Store } from "../watch/store";

/** What happened, what is still true, and what to do; nothing while all is well. */
export function Notice({ store, connection }: { store: Store; connection: Connection }) {
  const texts = useTexts();
  switch (connection.is) {
    case "away":
      return (
        <p className="notice">
          {texts.explainAway} {connection.why !== "" && <span className="faint">({connection.why})</span>}
        </p>
      );
    case "waiting":
      return <p className="notice">{texts.explainWaiting}</p>;
    case "silent":
      return <p className="notice">{texts.explainSilent}</p>;
    case "reconnecting":
      return (
        <p className="notice">
          {texts.explainReconnecting}{" "}
          <button type="button" className="quiet" onClick={() => store.retry()}>
            {texts.retryNow}
          </button>
        </p>
      );
    case "signedOut":
      return (
        <p className="notice">
          {texts.explainSignedOut}{" "}
          <button type="button" className="quiet" onClick={() => location.reload()}>
            {texts.reload}
          </button>
        </p>
      );
    case "refused":
      return connection.field === "filter" ? null : (
        <p className="notice">
          {connection.message}{" "}
          <button type="button" className="quiet" onClick={() => location.reload()}>
            {texts.reload}
          </button>
        </p>
      );
    default:
      return null;
  }
}
