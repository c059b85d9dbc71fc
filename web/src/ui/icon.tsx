const paths = {
  close: "M5 5l10 10M15 5L5 15",
  plus: "M10 4v12M4 10h12",
  pause: "M7 4v12M13 4v12",
  play: "M6 4l10 6-10 6z",
  download: "M10 3v10M6 9l4 4 4-4M4 17h12",
  keyboard: "M3 6h14v9H3zM6 9h.01M10 9h.01M14 9h.01M7 12h6",
  search: "M9 4a5 5 0 100 10A5 5 0 009 4zM13 13l4 4",
  light: "M10 6.5a3.5 3.5 0 100 7 3.5 3.5 0 000-7zM10 2v2M10 16v2M2 10h2M16 10h2M4.5 4.5L6 6M14 14l1.500 1.500M4.500 15.500L6 14M14 6l1.500-1.500",
  dark: "M15 12.500A6.500 6.500 0 017.500 5 6.500 6.500 0 1015 12.500z",
  auto: "M10 3a7 7 0 100 14zM10 3a7 7 0 010 14",
  warning: "M10 3l8 14H2zM10 8v4M10 14.500v.01",
  copy: "M7 7h9v9H7zM4 13V4h9",
} as const;

/** A picture beside a word, or in a button that has a label. */
export function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" className="picture">
      <path d={paths[name]} fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
