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
  readonly silent: string;
  readonly reconnecting: (seconds: string) => string;
  readonly reconnectingNow: string;
  readonly signedOut: string;
  readonly refused: string;
  readonly waiting: string;
  readonly paused: (n: string) => string;
  readonly pausedNow: string;
  readonly explainAway: string;
  readonly explainSilent: string;
  readonly explainReconnecting: string;
  readonly explainSignedOut: string;
  readonly explainWaiting: string;
  readonly lastHeard: (age: string) => string;
  readonly retryNow: string;
  readonly reload: string;
  readonly notLoaded: string;

  readonly start: string;
  readonly starts: { now: string; hour: string; all: string; last: (n: string) => string };
  readonly filter: string;
  readonly filterHint: string;
  readonly filterUnchecked: string;
  readonly filterFailed: (n: number, shown: string) => string;
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
    readonly stop: string;
    readonly discard: string;
    readonly askDiscard: string;
    readonly askDiscardSent: string;
    readonly keep: string;
    readonly stored: (sequence: string) => string;
    readonly storedBefore: (sequence: string) => string;
    readonly show: string;
    readonly notStored: string;
    readonly unknown: string;
    readonly sendAgain: string;
    readonly sendAgainLater: string;
    readonly lookFirst: (minutes: string) => string;
    readonly sentBefore: string;
    readonly correct: (n: number) => string;
    readonly unreadableDate: (example: string) => string;
    readonly longAgo: (year: string) => string;
    readonly yearIsRight: (year: string) => string;
  };

  /** Why something is not stored, or may not be. */
  readonly refusals: Record<
    | "noAnswer"
    | "stoppedHere"
    | "pageLeft"
    | "proxy"
    | "failed"
    | "unavailable"
    | "away"
    | "noStream"
    | "stopping"
    | "busy"
    | "tooMany"
    | "storage"
    | "full"
    | "settings"
    | "signedOut"
    | "forbidden"
    | "noService"
    | "tooLarge"
    | "otherPerson"
    | "refused",
    string
  >;

  /** What is wrong, by the id of the rule, where the rule's own words do not do. */
  readonly rules: Readonly<Record<string, string>>;

  readonly upload: {
    readonly heading: string;
    readonly choose: string;
    readonly drop: string;
    readonly found: (n: string, file: string) => string;
    readonly troubles: { nobody: string; notUTF8: string; oldVCard: string; unreadable: string };
    readonly line: (n: string) => string;
    readonly submit: (n: string) => string;
    readonly progress: (done: string, all: string) => string;
    readonly done: (stored: string, duplicates: string, refused: string) => string;
    readonly refused: string;
    readonly more: (n: string) => string;
    readonly cancel: string;
    readonly stop: string;
    readonly goOn: string;
    readonly submitRest: (n: string) => string;
    readonly stopped: (stored: string, all: string, rest: string) => string;
    readonly howToGoOn: string;
    readonly howToGoOnLater: string;
    readonly askStop: (stored: string, all: string, file: string) => string;
    readonly importOn: string;
    readonly askClose: (rest: string, file: string) => string;
    readonly turnedAway: (file: string) => string;
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
  silent: "Nothing heard",
  reconnecting: (seconds) => `Reconnecting in ${seconds} s`,
  reconnectingNow: "Reconnecting…",
  signedOut: "Signed out",
  refused: "Not watching",
  waiting: "Waiting for a connection",
  paused: (n) => `Paused, ${n} new`,
  pausedNow: "Paused",
  explainAway: "The server cannot reach its store. What is shown stays; the next person comes when it can again.",
  explainSilent: "Nothing was heard from the server for a while, as after sleep. What is shown stays, and nothing is missed: the list goes on where it was.",
  explainReconnecting: "The connection broke. What is shown stays, and nothing is missed: the list goes on where it was.",
  explainSignedOut: "The server wants to know who you are. Load the page again to sign in.",
  explainWaiting:
    "Other tabs watch four other views, and a browser opens only six connections to a server without HTTP/2. Close one of them, show the same view as one, or use this page over HTTPS with HTTP/2.",
  lastHeard: (age) => `last heard ${age} ago`,
  retryNow: "Try now",
  reload: "Load again",
  notLoaded: "This part of the page could not be loaded: the server is away, or has changed. What is shown stays until you load the page again.",

  start: "Show from",
  starts: { now: "from now on", hour: "last hour", all: "everything", last: (n) => `last ${n}` },
  filter: "Filter",
  filterHint: 'person.email.endsWith("@example.org")',
  filterFailed: (n, shown) => (n === 1 ? "1 person is left out, since the filter failed for them" : `${shown} persons are left out, since the filter failed for them`),
  filterUnchecked: "The server did not answer, so the filter could not be checked. What is shown stays as it was; press Enter to try again.",
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
    again: (attempt) => `Sending again (${attempt}). It will be stored once.`,
    stop: "Stop",
    discard: "Discard",
    askDiscard: "Discard what you filled in?",
    askDiscardSent: "Discard what you filled in? It was sent, and may have been stored all the same.",
    keep: "Keep",
    stored: (sequence) => `Stored as #${sequence}`,
    storedBefore: (sequence) => `Was stored before, as #${sequence}`,
    show: "Show",
    notStored: "The person was not stored.",
    unknown: "It is unknown whether the person was stored.",
    sendAgain: "Submit again: it will be stored once.",
    sendAgainLater: "Submit again in a moment: it will be stored once.",
    lookFirst: (minutes) => `That was ${minutes} ago. Look for the person in the list before you submit again, since after so long it could be stored twice.`,
    sentBefore: "What was sent before you changed it may be stored, too.",
    correct: (n) => (n === 1 ? "One field needs a correction" : `${n} fields need a correction`),
    unreadableDate: (example) => `cannot be read as a date. Write it as 1990-05-17, 17 May 1990, 17.5.1990 or ${example}`,
    longAgo: (year) => `is in ${year}. Confirm that the year is right`,
    yearIsRight: (year) => `The year ${year} is right`,
  },

  refusals: {
    noAnswer: "No answer came in time.",
    stoppedHere: "You stopped it before an answer came.",
    pageLeft: "It was sent, and no answer had come when the page was left.",
    proxy: "The server did not answer; something in between did.",
    failed: "Something went wrong in the server.",
    unavailable: "The server cannot store anybody now.",
    away: "The server cannot reach its store.",
    noStream: "The server’s store takes nobody now.",
    stopping: "The server is stopping.",
    busy: "The server has too much to do.",
    tooMany: "More came from here than the server takes at a time.",
    storage: "The server’s disk is full or fails, which its operator has to mend.",
    full: "The stream is full. Its operator has to make room.",
    settings: "The stream is set up so that it takes nobody, which its operator has to mend.",
    signedOut: "The server wants to know who you are. Load the page again to sign in.",
    forbidden: "The server does not let you submit.",
    noService: "Nothing at this address takes persons.",
    tooLarge: "That is larger than the server takes.",
    otherPerson: "The person was stored before with other details. Submit again to store these as another person.",
    refused: "The server refused it.",
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
      unreadable: "The browser could not read this file. Perhaps it was moved or changed: choose it again.",
    },
    line: (n) => `Line ${n}`,
    submit: (n) => `Submit ${n}`,
    progress: (done, all) => `${done} of ${all}`,
    done: (stored, duplicates, refused) =>
      `${stored} stored${duplicates === "0" ? "" : `, ${duplicates} were stored before`}, ${refused} refused`,
    refused: "Refused",
    more: (n) => `and ${n} more`,
    cancel: "Cancel",
    stop: "Stop",
    goOn: "Go on",
    submitRest: (n) => `Submit the other ${n}`,
    stopped: (stored, all, rest) => `Stopped: ${stored} of ${all} are stored, ${rest} are still to come.`,
    howToGoOn: "Go on here, or choose the same file again within a few minutes: what is stored is not stored twice.",
    howToGoOnLater: "Once that is mended, submit the others here, or choose the same file again within a few minutes: what is stored is not stored twice.",
    askStop: (stored, all, file) => `${stored} of ${all} in ${file} are stored. Stop before the others are? You can go on later.`,
    importOn: "Keep importing",
    askClose: (rest, file) =>
      `${rest} in ${file} are not submitted yet. To go on later, choose the same file again within a few minutes: what is stored is not stored twice.`,
    turnedAway: (file) => `${file} was not taken, since this file is not done. Finish or close it first.`,
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
