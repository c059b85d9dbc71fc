/** A line of counts, for the eye alone: the number beside it says what matters. */
export function Sparkline({ counts }: { counts: readonly number[] }) {
  const most = Math.max(1, ...counts);
  const step = 80 / Math.max(1, counts.length - 1);
  const points = counts.map((count, i) => `${(i * step).toFixed(1)},${(18 - (count / most) * 16).toFixed(1)}`);
  return (
    <svg className="sparkline" viewBox="0 0 80 20" width="80" height="20" aria-hidden="true">
      <polyline points={points.join(" ")} fill="none" stroke="currentColor" strokeWidth="1.500" />
    </svg>
  );
}
