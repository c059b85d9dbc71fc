import type { Row } from "../watch/row";
import { toCSV } from "./csv";
import { toNDJSON } from "./json";
import { toVCards } from "./vcard";

export type Form = "CSV" | "vCard" | "NDJSON";

const forms: Record<Form, { write: (rows: readonly Row[]) => string; type: string; extension: string }> = {
  CSV: { write: toCSV, type: "text/csv", extension: "csv" },
  vCard: { write: toVCards, type: "text/vcard", extension: "vcf" },
  NDJSON: { write: toNDJSON, type: "application/x-ndjson", extension: "ndjson" },
};

/** Lets the browser save rows as a file. */
export function save(rows: readonly Row[], form: Form): void {
  const { write, type, extension } = forms[form];
  const url = URL.createObjectURL(new Blob([write(rows)], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `persons.${extension}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
