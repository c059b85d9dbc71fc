import { describe, expect, it } from "vitest";
import { type Dashboard, open, range, server, useDashboard } from "./dashboard";
import { persons } from "./server";

useDashboard();

describe("under load", () => {
  it("shows 1,000 events a second for ten seconds, loses none, and answers meanwhile", async () => {
    const page = await open("?start=now");
    await page.expectConnection("Live");
    const publishing = publish(100, 100, 100);
    const answers: number[] = [];
    for (let i = 0; i < 20; i++) {
      answers.push(await answerTime(page));
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    await publishing;
    await page.expectCount(10_000);
    expect(await page.sequences()).toEqual(range(1, 10_000));
    answers.sort((a, b) => a - b);
    // The median, since this machine does other things, too.
    expect(answers[10]).toBeLessThan(100);
    page.expectNoComplaints();
  });

  it("is not blank in any frame while it is scrolled, and stays where it is while it is read", async () => {
    await server.submit(...persons(1, 1000));
    const page = await open("?start=all");
    await page.expectCount(1000);
    await page.page.locator(".scroller").evaluate((scroller) => scroller.scrollTo({ top: 500 * 36 }));
    // More rows come at once than are kept ready out of sight.
    const publishing = publish(40, 150, 75);
    const read = await page.page.evaluate(watchFrames, { frames: 90, step: 0 });
    const scrolled = await page.page.evaluate(watchFrames, { frames: 90, step: 400 });
    await publishing;
    await page.expectCount(7000);
    const quiet = await page.page.evaluate(watchFrames, { frames: 60, step: -1500 });
    expect([read.blank, read.moved, scrolled.blank, quiet.blank]).toEqual([0, 0, 0, 0]);
  });

  async function publish(batches: number, size: number, every: number): Promise<void> {
    const began = Date.now();
    for (let i = 0; i < batches; i++) {
      await server.submit(...persons(i * size + 1, (i + 1) * size));
      const wait = began + (i + 1) * every - Date.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  it("answers with as many rows as it keeps, the oldest let go, and the keyboard anywhere", async () => {
    for (let n = 0; n < 106_000; n += 1000) await server.submit(...persons(n + 1, n + 1000));
    const page = await open("?start=all");
    await page.expectConnection("Live");
    expect(await page.count()).toBeGreaterThanOrEqual(100_000);
    await page.page.keyboard.press("End");
    await page.page.getByText("older rows were let go").waitFor();
    const publishing = publish(40, 100, 100);
    const answers: number[] = [];
    for (let i = 0; i < 20; i++) answers.push(await answerTime(page));
    await publishing;
    answers.sort((a, b) => a - b);
    expect(answers[10]).toBeLessThan(100);
    await page.page.keyboard.press("p");
    await page.expectConnection(/^Paused/);
    const dropped = page.page.locator(".dropped");
    const before = await dropped.textContent();
    for (let n = 0; n < 6_000; n += 1000) await server.submit(...persons(n + 1, n + 1000));
    await page.expectConnection("Paused, 6,000 new");
    expect(await dropped.textContent()).toBe(before); // a paused list loses none of its rows
    page.expectNoComplaints();
  });

  /** From a key to the paint of what it does, in milliseconds. */
  async function answerTime({ page }: Dashboard): Promise<number> {
    return page.evaluate(async () => {
      const began = performance.now();
      dispatchEvent(new KeyboardEvent("keydown", { key: "?", bubbles: true }));
      while (document.querySelector("aside.panel") === null) await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      const took = performance.now() - began;
      dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
      return took;
    });
  }
});

/** Looks at the list as it is painted, for so many frames, and scrolls so many pixels before each. */
async function watchFrames({ frames, step }: { frames: number; step: number }): Promise<{ blank: number; moved: number }> {
  const scroller = document.querySelector(".scroller") as HTMLElement;
  const { top, bottom } = scroller.getBoundingClientRect();
  const read = () => Array.from(scroller.querySelectorAll(".rows .row"), (row) => ({ id: row.querySelector(".sequence")?.textContent, box: row.getBoundingClientRect() }));
  const middle = read().find(({ box }) => box.top >= (top + bottom) / 2);
  let [blank, moved] = [0, 0];
  const look = () => {
    const rows = read().sort((a, b) => a.box.top - b.box.top);
    let filled = top + 36; // the columns' names
    for (const { box } of rows) if (box.top <= filled + 1) filled = Math.max(filled, box.bottom);
    if (filled < bottom - 1) blank++;
    if (rows.find(({ id }) => id === middle?.id)?.box.top !== middle?.box.top) moved++;
  };
  // Sizes are observed when all that changes the frame has run, before it is painted.
  const probe = document.body.appendChild(document.createElement("div"));
  for (let i = 0; i < frames; i++) {
    scroller.scrollTop += step;
    await new Promise<void>((resolve) => {
      const observer = new ResizeObserver(() => {
        if (probe.clientHeight !== i + 1) return;
        look();
        observer.disconnect();
        resolve();
      });
      observer.observe(probe);
      requestAnimationFrame(() => (probe.style.height = `${i + 1}px`));
    });
  }
  probe.remove();
  return { blank, moved };
}
