// The browsers that the page is tried in, each driven by WebDriver.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { descendants, signal } from "./processes";
import { eventually, freePort } from "./server";
import { elementKey, HTTPDriver, Marionette, type WebDriver } from "./webdriver";

export interface Engine {
  readonly name: string;
  /** Programs that it needs and that are not here. */
  readonly missing: readonly string[];
  start(): Promise<Browser>;
}

export const engines: readonly Engine[] = [
  { name: "Chromium", missing: notHere("chromium", "chromedriver"), start: startChromium },
  { name: "Firefox", missing: notHere("firefox-esr"), start: startFirefox },
  { name: "WebKit", missing: notHere("WebKitWebDriver", "Xvfb"), start: startWebKit },
];

function notHere(...programs: string[]): string[] {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return programs.filter((program) => !folders.some((folder) => existsSync(join(folder, program))));
}

async function startChromium(): Promise<Browser> {
  const port = await freePort();
  const driver = run("chromedriver", [`--port=${port}`]);
  const args = ["--headless=new", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), "--lang=en-US"];
  return Browser.open(new HTTPDriver(`http://127.0.0.1:${port}`), [driver], { "goog:chromeOptions": { args } });
}

async function startFirefox(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "rollcall-firefox-"));
  writeFileSync(join(profile, "user.js"), 'user_pref("marionette.port", 0);\nuser_pref("intl.accept_languages", "en-US");\n');
  const browser = run("firefox-esr", ["--headless", "--marionette", "--no-remote", "--profile", profile]);
  const file = join(profile, "MarionetteActivePort");
  await eventually(() => existsSync(file) && readFileSync(file, "utf8") !== "");
  const driver = new Marionette(Number(readFileSync(file, "utf8")));
  return Browser.open(driver, [browser], {}, () => rmSync(profile, { recursive: true, force: true }));
}

async function startWebKit(): Promise<Browser> {
  const screen = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const display = await new Promise<string>((resolve, reject) => {
    screen.stdio[3]?.once("data", (data) => resolve(`:${String(data).trim()}`));
    screen.once("exit", () => reject(new Error("Xvfb did not start")));
  });
  const port = await freePort();
  const driver = run("WebKitWebDriver", [`--port=${port}`], { DISPLAY: display, LANGUAGE: "en_US", LANG: "en_US.UTF-8", LIBGL_ALWAYS_SOFTWARE: "1", NO_AT_BRIDGE: "1" });
  return Browser.open(new HTTPDriver(`http://127.0.0.1:${port}`), [driver, screen], {});
}

function run(program: string, args: readonly string[], environment: Record<string, string> = {}): ChildProcess {
  return spawn(program, args, { stdio: "ignore", env: { ...process.env, ...environment } });
}

type Reference = Record<typeof elementKey, string>;

const keys = { Enter: "\uE007", Escape: "\uE00C", Tab: "\uE004" } as const;

/** A browser with one window, and who sits before it. */
export class Browser {
  readonly #driver: WebDriver;
  readonly #processes: readonly ChildProcess[];
  readonly #clean: () => void;

  private constructor(driver: WebDriver, processes: readonly ChildProcess[], clean: () => void) {
    this.#driver = driver;
    this.#processes = processes;
    this.#clean = clean;
  }

  static async open(driver: WebDriver, processes: readonly ChildProcess[], capabilities: object, clean: () => void = () => undefined): Promise<Browser> {
    const browser = new Browser(driver, processes, clean);
    try {
      // A driver listens a moment after it was started.
      await eventually(async () => {
        await driver.send("NewSession", { capabilities: { alwaysMatch: capabilities } });
        return true;
      });
      return browser;
    } catch (err) {
      await browser.close();
      throw err;
    }
  }

  async close(): Promise<void> {
    // In good order if it can be had: a driver that hangs is not waited for.
    const patience = new Promise((resolve) => setTimeout(resolve, 3_000));
    await Promise.race([this.#driver.send("DeleteSession").catch(() => undefined), patience]);
    this.#driver.end();
    const pids = this.#processes.flatMap(({ pid }) => (pid === undefined ? [] : [pid, ...descendants(pid)]));
    signal(pids, "SIGKILL");
    this.#clean();
  }

  async open(url: string): Promise<void> {
    await this.#driver.send("Navigate", { url });
  }

  async reload(): Promise<void> {
    await this.#driver.send("Refresh");
  }

  /** Runs the body of a function in the page. */
  async run<T>(body: string, ...args: unknown[]): Promise<T> {
    return (await this.#driver.send("ExecuteScript", { script: body, args })) as T;
  }

  /** The text of the page, or of what a selector finds first in it. */
  async text(selector = "body"): Promise<string> {
    return this.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector);
  }

  async see(text: string | RegExp, selector?: string): Promise<void> {
    await eventually(async () => {
      const shown = await this.text(selector);
      return typeof text === "string" ? shown.includes(text) : text.test(shown);
    });
  }

  /** How many elements a selector finds. */
  async count(selector: string): Promise<number> {
    return this.run("return document.querySelectorAll(arguments[0]).length", selector);
  }

  /** Types over what is in the field with a label. It is not left meanwhile, which it would be by WebDriver's own clearing. */
  async fill(label: string, text: string): Promise<void> {
    const field = await this.#field(label);
    await this.run("arguments[0].focus(); arguments[0].select()", field);
    await this.#driver.send("ElementSendKeys", { id: field[elementKey], text, value: [...text] });
  }

  async value(label: string): Promise<string> {
    return this.run("return arguments[0].value", await this.#field(label));
  }

  /** Clicks the button with a name. */
  async click(name: string): Promise<void> {
    const button = await this.#find(
      "return [...document.querySelectorAll('button')].find((button) => (button.getAttribute('aria-label') ?? button.innerText).trim() === arguments[0])",
      name,
    );
    await this.#driver.send("ElementClick", { id: button[elementKey] });
  }

  /** Presses a key where the focus is. */
  async press(key: keyof typeof keys | (string & {})): Promise<void> {
    const value = key in keys ? keys[key as keyof typeof keys] : key;
    const actions = ["keyDown", "keyUp"].map((type) => ({ type, value }));
    await this.#driver.send("PerformActions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  /** All processes of the browser, without those that drive it. */
  processes(): number[] {
    const [first] = this.#processes;
    if (first?.pid === undefined) return [];
    const isBrowser = this.#driver instanceof Marionette;
    return [...(isBrowser ? [first.pid] : []), ...descendants(first.pid)];
  }

  #field(label: string): Promise<Reference> {
    return this.#find(
      "return [...document.querySelectorAll('label')].find((one) => one.innerText.trim().startsWith(arguments[0]))?.control ?? document.querySelector(`[aria-label='${arguments[0]}']`)",
      label,
    );
  }

  async #find(body: string, name: string): Promise<Reference> {
    let found: Reference | null = null;
    await eventually(async () => {
      found = await this.run<Reference | null>(body, name);
      return found !== null;
    });
    if (found === null) throw new Error(`there is no ${name}`);
    return found;
  }
}
