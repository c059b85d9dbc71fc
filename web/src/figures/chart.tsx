import { formatCount, formatMinutes, formatRate } from "../texts/numbers";
import { useTexts } from "../texts/texts";
import { halfMinutes } from "./halfminutes";

const width = 600;
const height = 120;
/** The server remembers so many seconds. */
const seconds = 300;

/** Counts of the last seconds as an area, the latest at the right. */
export function Chart({ counts }: { counts: readonly number[] }) {
  const texts = useTexts();
  const most = Math.max(...counts, 1);
  const step = width / (seconds - 1);
  const left = width - (counts.length - 1) * step;
  const points = counts.map((count, i) => `${(left + i * step).toFixed(1)},${(height - (count / most) * (height - 8)).toFixed(1)}`);
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={texts.status.chart(formatCount(most))}>
        {counts.length > 1 && (
          <>
            <polygon className="area" points={`${left.toFixed(1)},${height} ${points.join(" ")} ${width},${height}`} />
            <polyline className="line" points={points.join(" ")} />
          </>
        )}
      </svg>
      <figcaption className="numbers faint">
        <span>−{formatMinutes(seconds / 60)}</span>
        <span>max. {formatCount(most)}</span>
        <span>{texts.status.now}</span>
      </figcaption>
      <details>
        <summary>{texts.status.asTable}</summary>
        <table className="numbers">
          <thead>
            <tr>
              <th scope="col">{texts.status.secondsAgo}</th>
              <th scope="col">{texts.status.average}</th>
              <th scope="col">{texts.status.most}</th>
            </tr>
          </thead>
          <tbody>
            {halfMinutes(counts).map(({ from, to, average, most }) => (
              <tr key={to}>
                <th scope="row">
                  {formatCount(from)}–{formatCount(to)}
                </th>
                <td>{formatRate(average)}</td>
                <td>{formatCount(most)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
