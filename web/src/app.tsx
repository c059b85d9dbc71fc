import { lazy, Suspense, useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Details } from "./table/details";
import { PersonTable } from "./table/table";
import { Toolbar } from "./table/toolbar";
import { useShown } from "./table/shown";
import { languages, TextsContext } from "./texts/texts";
import { useDroppedFile } from "./ui/drop";
import { Header } from "./ui/header";
import { Help } from "./ui/help";
import { useKeys } from "./ui/keys";
import { useLink } from "./ui/address";
import { Notice } from "./ui/notice";
import { NotLoaded } from "./ui/notloaded";
import { useSettings } from "./ui/settings";
import type { Position } from "./watch/position";
import { isAt, keyOf, type Row } from "./watch/row";
import type { Store } from "./watch/store";
import { viewKey } from "./watch/view";

// Loaded after the page is there: the first brings the validation rules and their
// language. Without the server they can't be had, and the page says so.
const loadSubmitPanel = () => import("./submit/panel");
const loadFigures = () => import("./figures/figures");
const SubmitPanel = lazy(() => loadSubmitPanel().catch(() => ({ default: NotLoaded })));
const Figures = lazy(() => loadFigures().catch(() => ({ default: NotLoaded })));

type Open = "form" | "help" | { readonly row: Row } | undefined;

export function App({ store }: { store: Store }) {
  const { language } = useSettings();
  const texts = languages[language];
  const [link, changeLink] = useLink();
  const snapshot = useSyncExternalStore(store.subscribe, store.snapshot);
  const shown = useShown(snapshot, link.search);
  const [open, setOpen] = useState<Open>();
  const [flash, setFlash] = useState<Position>();
  const [wanted, setWanted] = useState<Position>();
  const filter = useRef<HTMLInputElement>(null);
  const search = useRef<HTMLInputElement>(null);

  const { start, filter: filterText } = link.view;
  // the link's view changes with its parts
  useEffect(() => store.look(link.view), [store, viewKey(link.view)]);
  useEffect(() => {
    document.title = link.page === "figures" ? `${texts.figures} – rollcall` : "rollcall";
  }, [link.page, texts]);

  const { begun } = snapshot;
  useEffect(() => {
    if (!begun) return;
    // So that they are there when they are wanted, and when the server is not.
    void Promise.allSettled([loadSubmitPanel(), loadFigures()]);
  }, [begun]);

  const togglePause = useCallback(() => {
    if (store.snapshot().paused) store.resume();
    else store.pause();
  }, [store]);

  const close = () => setOpen(undefined);

  useDroppedFile((file) => {
    setOpen("form");
    // Where the panel can't be loaded, it says so itself.
    loadSubmitPanel().then(({ takeFile }) => takeFile(file), () => {});
  });

  useKeys({
    n: () => setOpen("form"),
    "?": () => setOpen("help"),
    p: togglePause,
    "/": () => filter.current?.focus(),
    s: () => search.current?.focus(),
    f: () => changeLink({ page: link.page === "figures" ? "persons" : "figures" }),
  });

  /** Shows a person who was stored, whatever is in the way of that. */
  const showStored = (position: Position) => {
    setFlash(position);
    setWanted({ ...position });
    store.resume();
    const hidden = shown.find((row) => isAt(row, position)) < 0;
    if (hidden || link.page !== "persons") {
      changeLink({ page: "persons", ...(hidden && { search: "", view: { start, filter: "" } }) });
    }
  };

  const openRow = typeof open === "object" ? open.row : undefined;

  return (
    <TextsContext value={texts}>
      <a className="skip" href="#list">
        {texts.skip}
      </a>
      <Header store={store} snapshot={snapshot} onNew={() => setOpen("form")} onHelp={() => setOpen("help")} />
      <main className={open === undefined ? "" : "with-panel"}>
        <section className="page">
          {link.page === "figures" ? (
            <Suspense fallback={<div className="skeleton" />}>
              <Figures />
            </Suspense>
          ) : (
            <>
              <Toolbar
                store={store}
                snapshot={snapshot}
                shown={shown}
                filterRef={filter}
                searchRef={search}
                onTogglePause={togglePause}
              />
              <Notice store={store} connection={snapshot.connection} />
              <PersonTable
                snapshot={snapshot}
                shown={shown}
                search={link.search}
                filtered={filterText !== ""}
                selected={openRow}
                flash={flash}
                wanted={wanted}
                onOpen={(row) => setOpen({ row })}
                onNew={() => setOpen("form")}
              />
            </>
          )}
        </section>
        {open === "help" && <Help onClose={close} />}
        {open === "form" && (
          <Suspense fallback={<aside className="panel skeleton" />}>
            <SubmitPanel onClose={close} onStored={setFlash} onShow={showStored} />
          </Suspense>
        )}
        {openRow !== undefined && <Details key={keyOf(openRow)} row={openRow} onClose={close} />}
      </main>
    </TextsContext>
  );
}
