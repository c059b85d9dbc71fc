import type { Connection } from "./connection";
import type { Position } from "./position";
import type { Row } from "./row";

/** What a watch has to tell, all of it true at one moment. */
export interface News {
  /** Rows that follow those before, in the stream's order. */
  readonly rows: readonly Row[];
  /** Everything up to here was told; undefined while that is not known. */
  readonly position: Position | undefined;
  readonly connection: Connection;
  /** When the server was last heard, in milliseconds since 1970; undefined until it was. */
  readonly heardAt: number | undefined;
  /** How many persons are left out since the filter failed for them. */
  readonly failed: number;
}
