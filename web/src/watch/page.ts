import type { News } from "./news";
import type { Port, ToPage } from "./protocol";
import type { Shown } from "./shown";

/** A page, as the hub knows it. */
export class Page {
  readonly port: Port<ToPage>;
  shown: Shown | undefined;
  /** Of its latest look, which is what it is told about. */
  turn = 0;
  /** How often it was asked whether it is here, since it said something. */
  asked = 0;

  constructor(port: Port<ToPage>) {
    this.port = port;
  }

  begin(dropped: number): void {
    this.port.postMessage({ say: "begin", turn: this.turn, dropped });
  }

  tell(news: News): void {
    this.port.postMessage({ say: "news", turn: this.turn, news });
  }
}
