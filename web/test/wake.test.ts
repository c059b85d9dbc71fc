import type { CDPSession } from "playwright-core";
import { expect, it } from "vitest";
import { browser, context, open, range, server, useDashboard } from "./dashboard";
import { eventually, person, persons } from "./server";

// All times follow from this one: a page that does not answer is let go of after ten.
useDashboard("--progress-interval", "300ms");

async function watches(): Promise<number> {
  return (await server.call<{ watches?: number }>("StatusService/GetStatus", {})).watches ?? 0;
}

it("a page that stood still until nobody watched for it goes on where it was", async () => {
  await server.submit(...persons(1, 3));
  const page = await open("?start=now");
  await server.submit(...persons(4, 5));
  await page.expectCount(2);
  await page.page.locator(".scroller").evaluate((scroller) => scroller.setAttribute("data-same", ""));
  const session = await context.newCDPSession(page.page);
  await session.send("Debugger.enable");
  await session.send("Debugger.pause");
  await eventually(async () => (await watches()) === 0);
  await server.submit(...persons(6, 9));
  await session.send("Debugger.resume");
  await page.row("Person 9").waitFor();
  await page.expectConnection("Live");
  expect(await page.sequences()).toEqual(range(4, 9));
  expect(await page.page.locator(".scroller[data-same]").count()).toBe(1); // it is the same list
  page.expectNoComplaints();
});

it("a page is not called live while the worker that watches for it stands still", async () => {
  await server.submit(person(1));
  const page = await open();
  await page.expectConnection("Live");
  expect(await page.connection.getAttribute("title")).toMatch(/^last heard [01] s ago$/);
  const { session, targetId } = await findHub();
  const { sessionId } = await session.send("Target.attachToTarget", { targetId, flatten: false });
  const tell = (id: number, method: string) => session.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id, method }) });
  await tell(1, "Debugger.enable");
  await tell(2, "Debugger.pause");
  await page.expectConnection("Nothing heard");
  await page.page.getByText("nothing is missed").waitFor();
  await eventually(async () => /^last heard [3-9] s ago$/.test((await page.connection.getAttribute("title")) ?? ""));
  await server.submit(person(2));
  await tell(3, "Debugger.resume");
  await page.expectConnection("Live");
  await page.row("Person 2").waitFor();
  expect(await page.sequences()).toEqual([1, 2]);
});

it("a page finds another worker when its own has crashed, and goes on where it was", async () => {
  await server.submit(person(1));
  const page = await open("?start=now");
  await server.submit(person(2));
  await page.expectCount(1);
  const { session, targetId } = await findHub();
  await session.send("Target.closeTarget", { targetId });
  await eventually(async () => (await watches()) === 0);
  await server.submit(person(3));
  await page.row("Person 3").waitFor();
  await page.expectConnection("Live");
  expect(await page.sequences()).toEqual([2, 3]);
});

it("a page finds another worker also when its own crashes while the server is away", async () => {
  await server.submit(person(1));
  const page = await open();
  await page.expectCount(1);
  await server.kill();
  await page.expectConnection(/^Reconnecting/);
  const { session, targetId } = await findHub();
  await session.send("Target.closeTarget", { targetId });
  await server.run();
  await server.submit(person(2));
  await page.row("Person 2").waitFor();
  await page.expectConnection("Live");
  expect(await page.sequences()).toEqual([1, 2]);
});

/** The debugger of the browser, and which of its targets the hub is. */
async function findHub(): Promise<{ session: CDPSession; targetId: string }> {
  const session = await browser.newBrowserCDPSession();
  const { targetInfos } = await session.send("Target.getTargets", { filter: [{ type: "shared_worker" }] });
  const hub = targetInfos.find(({ url }) => url.startsWith(server.url));
  if (hub === undefined) throw new Error("there is no worker");
  return { session, targetId: hub.targetId };
}
