// The page's words. Each language has the same keys; TypeScript sees to it.

export interface Texts {
  readonly title: string;
  readonly persons: string;
  readonly figures: string;
  readonly skip: string;
  readonly language: string;
  readonly theme: Record<"auto" | "light" | "dark", string>;
  readonly newPerson: string;
  readonly keys: string;
  readonly close: string;
  readonly copied: string;
  readonly perSecond: (n: string) => string;

  readonly live: string;
  readonly connecting: string;
  readonly behind: (n: string) => string;
  readonly behindNow: string;
  readonly away: string;
  readonly reconnecting: (seconds: string) => string;
  readonly reconnectingNow: string;
  readonly signedOut: string;
  readonly refused: string;
  readonly waiting: string;
  readonly paused: (n: string) => string;
  readonly pausedNow: string;
  readonly explainAway: string;
  readonly explainReconnecting: string;
  readonly explainSignedOut: string;
  readonly explainWaiting: string;
  readonly retryNow: string;
  readonly reload: string;
  readonly notLoaded: string;

  readonly start: string;
  readonly starts: { now: string; hour: string; all: string; last: (n: string) => string };
  readonly filter: string;
  readonly filterHint: string;
  readonly search: string;
  readonly searchHint: string;
  readonly pause: string;
  readonly resume: string;
  readonly exportAs: (form: string) => string;
  readonly exportHint: (n: string) => string;

  readonly columns: { sequence: string; name: string; email: string; phones: string; age: string };
  readonly table: string;
  readonly unseen: (n: number, shown: string) => string;
  readonly dropped: (n: string) => string;
  readonly arrived: (n: number, shown: string, name: string) => string;
  readonly gone: (n: string, first: string, last: string) => string;
  readonly goneOne: (sequence: string) => string;
  readonly madeAnew: string;
  readonly unreadable: (reason: string, size: string) => string;
  readonly noMatch: string;

  readonly empty: string;
  readonly emptyFiltered: string;
  readonly emptyHint: string;
  readonly copy: string;

  readonly details: string;
  readonly birthdate: string;
  readonly noPhones: string;
  readonly notSaid: string;
  readonly phoneTypes: Record<"mobile" | "home" | "work", string>;
  readonly publishedAt: string;
  readonly position: string;
  readonly copyAs: (form: string) => string;
  readonly why: string;
  readonly size: string;
  readonly bytes: (n: string) => string;

  readonly form: {
    readonly heading: string;
    readonly name: string;
    readonly email: string;
    readonly phones: string;
    readonly phone: (n: number) => string;
    readonly phoneType: (n: number) => string;
    readonly addPhone: string;
    readonly removePhone: (n: number) => string;
    readonly birthdate: string;
    readonly optional: string;
    readonly submit: string;
    readonly submitting: string;
    readonly again: (attempt: number) => string;
    readonly stored: (sequence: string) => string;
    readonly storedBefore: (sequence: string) => string;
    readonly show: string;
    readonly failed: string;
    readonly unknown: string;
    readonly correct: (n: number) => string;
    readonly invalidDate: string;
  };

  /** What is wrong, by the id of the rule, where the rule's own words do not do. */
  readonly rules: Readonly<Record<string, string>>;

  readonly upload: {
    readonly heading: string;
    readonly choose: string;
    readonly drop: string;
    readonly found: (n: string, file: string) => string;
    readonly troubles: { nobody: string; notUTF8: string; oldVCard: string };
    readonly line: (n: string) => string;
    readonly submit: (n: string) => string;
    readonly progress: (done: string, all: string) => string;
    readonly done: (stored: string, duplicates: string, refused: string) => string;
    readonly refused: string;
    readonly more: (n: string) => string;
    readonly cancel: string;
    readonly stopped: string;
  };

  readonly status: {
    readonly heading: string;
    readonly rate: string;
    readonly watches: string;
    readonly head: string;
    readonly lag: string;
    readonly messages: string;
    readonly bytes: string;
    readonly ring: string;
    readonly replicas: string;
    readonly replicasOf: (current: string, all: string) => string;
    readonly storage: string;
    readonly memory: string;
    readonly files: string;
    readonly of: (n: string, most: string) => string;
    readonly stream: string;
    readonly source: string;
    readonly connected: string;
    readonly disconnected: string;
    readonly unreachable: string;
    readonly chart: (most: string) => string;
    readonly now: string;
    readonly asTable: string;
    readonly secondsAgo: string;
    readonly average: string;
    readonly most: string;
    readonly ago: (seconds: string) => string;
  };

  readonly help: {
    readonly heading: string;
    readonly rows: string;
    readonly open: string;
    readonly filter: string;
    readonly search: string;
    readonly newPerson: string;
    readonly pause: string;
    readonly figures: string;
    readonly close: string;
    readonly help: string;
  };
}

export const en: Texts = {
  title: "rollcall",
  persons: "Persons",
  figures: "Figures",
  skip: "Skip to the list",
  language: "EN: the page speaks English",
  theme: { auto: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" },
  newPerson: "New person",
  keys: "Keyboard shortcuts",
  close: "Close",
  copied: "Copied",
  perSecond: (n) => `${n}/s`,

  live: "Live",
  connecting: "Connecting…",
  behind: (n) => `Catching up, ${n} behind`,
  behindNow: "Catching up",
  away: "Server’s store is away",
  reconnecting: (seconds) => `Reconnecting in ${seconds} s`,
  reconnectingNow: "Reconnecting…",
  signedOut: "Signed out",
  refused: "Not watching",
  waiting: "Waiting for a connection",
  paused: (n) => `Paused, ${n} new`,
  pausedNow: "Paused",
  explainAway: "The server cannot reach its store. What is shown stays; the next person comes when it can again.",
  explainReconnecting: "The connection broke. What is shown stays, and nothing is missed: the list goes on where it was.",
  explainSignedOut: "The server wants to know who you are. Load the page again to sign in.",
  explainWaiting:
    "Other tabs watch four other views, and a browser opens only six connections to a server without HTTP/2. Close one of them, show the same view as one, or use this page over HTTPS with HTTP/2.",
  retryNow: "Try now",
  reload: "Load again",
  notLoaded: "This part of the page could not be loaded: the server is away, or has changed. What is shown stays until you load the page again.",

  start: "Show from",
  starts: { now: "from now on", hour: "last hour", all: "everything", last: (n) => `last ${n}` },
  filter: "Filter",
  filterHint: 'person.email.endsWith("@example.org")',
  search: "Search what is shown",
  searchHint: "Search",
  pause: "Pause",
  resume: "Resume",
  exportAs: (form) => `Export as ${form}`,
  exportHint: (n) => `Export the ${n} rows that are shown`,

  columns: { sequence: "#", name: "Name", email: "E-mail", phones: "Phones", age: "Age" },
  table: "Persons, newest first",
  unseen: (_, shown) => `${shown} new`,
  dropped: (n) => `${n} older rows were let go to save memory; they are still in the stream`,
  arrived: (n, shown, name) => (n === 1 ? `${name} arrived` : `${shown} persons arrived, last ${name}`),
  gone: (n, first, last) => `${n} events are gone from the stream (${first}–${last})`,
  goneOne: (sequence) => `1 event is gone from the stream (${sequence})`,
  madeAnew: "The stream was made anew; numbers begin at 1 again",
  unreadable: (reason, size) => `could not be read: ${reason} (${size})`,
  noMatch: "Nothing that is shown contains this text.",

  empty: "Nobody yet",
  emptyFiltered: "Nobody who passes the filter yet",
  emptyHint: "Persons appear here the moment they are submitted: with the form, or from a terminal:",
  copy: "Copy",

  details: "Details",
  birthdate: "Date of birth",
  noPhones: "none",
  notSaid: "not said",
  phoneTypes: { mobile: "mobile", home: "home", work: "work" },
  publishedAt: "Stored",
  position: "Position",
  copyAs: (form) => `Copy as ${form}`,
  why: "Why",
  size: "Size",
  bytes: (n) => `${n} bytes`,

  form: {
    heading: "New person",
    name: "Name",
    email: "E-mail",
    phones: "Phones",
    phone: (n) => `Phone ${n}`,
    phoneType: (n) => `Type of phone ${n}`,
    addPhone: "Add a phone",
    removePhone: (n) => `Remove phone ${n}`,
    birthdate: "Date of birth",
    optional: "optional",
    submit: "Submit",
    submitting: "Submitting…",
    again: (attempt) => `No answer yet; sending again (${attempt}). It will be stored once.`,
    stored: (sequence) => `Stored as #${sequence}`,
    storedBefore: (sequence) => `Was stored before, as #${sequence}`,
    show: "Show",
    failed: "Not stored",
    unknown: "No answer came, so it is unknown whether the person was stored. Submit again: it will be stored once.",
    correct: (n) => (n === 1 ? "One field needs a correction" : `${n} fields need a correction`),
    invalidDate: "must be a day, month and year",
  },

  rules: {
    "string.email_empty": "must not be empty: give an e-mail address",
    "string.email": "must be a valid e-mail address, such as ada@example.org",
  },

  upload: {
    heading: "Many at once",
    choose: "Choose a file",
    drop: "Drop a vCard or CSV file here",
    found: (n, file) => `${n} persons in ${file}`,
    troubles: {
      nobody: "No persons were found in this file. vCard (.vcf) and CSV with a header line are read.",
      notUTF8: "This file is not UTF-8, so its names would come out wrong. Save it as UTF-8 first, in Excel as “CSV UTF-8”.",
      oldVCard: "This file is vCard 2.1, which is not read. Export it as vCard 3.0 or 4.0.",
    },
    line: (n) => `Line ${n}`,
    submit: (n) => `Submit ${n}`,
    progress: (done, all) => `${done} of ${all}`,
    done: (stored, duplicates, refused) =>
      `${stored} stored${duplicates === "0" ? "" : `, ${duplicates} were stored before`}, ${refused} refused`,
    refused: "Refused",
    more: (n) => `and ${n} more`,
    cancel: "Cancel",
    stopped: "Stopped. Submit the same file again within a few minutes to go on: what is stored is not stored twice.",
  },

  status: {
    heading: "Figures",
    rate: "events a second",
    watches: "Watches",
    head: "Stream’s last",
    lag: "Behind the stream",
    messages: "Messages kept",
    bytes: "Stream’s size",
    ring: "In memory",
    replicas: "Replicas",
    replicasOf: (current, all) => `${current} of ${all} up to date`,
    storage: "Kept in",
    memory: "memory",
    files: "files",
    of: (n, most) => `${n} of ${most}`,
    stream: "Stream",
    source: "Server reads the stream",
    connected: "yes",
    disconnected: "no, its store is away",
    unreachable: "The server does not answer. These figures are older.",
    chart: (most) => `Events a second over the last five minutes; at most ${most}`,
    now: "now",
    asTable: "As a table",
    secondsAgo: "Seconds ago",
    average: "Events a second",
    most: "At most",
    ago: (seconds) => `${seconds} s ago`,
  },

  help: {
    heading: "Keyboard",
    rows: "Next and previous row",
    open: "Open the row",
    filter: "Filter",
    search: "Search",
    newPerson: "New person",
    pause: "Pause and resume",
    figures: "Figures and persons",
    close: "Close",
    help: "This list",
  },
};
