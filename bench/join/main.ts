/**
 * How long joining takes, from the click to the first remote frame on the screen: 20 joins of a
 * browser, one after another, into a call of two. Those two are synthetic, so that one machine does
 * what one person's machine has to do; then the same is measured with two more browsers beside it,
 * which decode, draw and encode on the same processor.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createInvitationLink } from "../../src/client/invitations.ts";
import { Person } from "../../test/support/call-browser.ts";
import { RunningService } from "../../test/support/running-service.ts";
import { percentile } from "../support/percentile.ts";
import { withCleanups } from "../support/with-cleanups.ts";
import { addMembers, type MemberKind } from "./members.ts";

const PAGE = fileURLToPath(new URL("../../dist/web", import.meta.url));
/** In the order in which they usually end; the last one is the whole. */
const STAGES = ["socket", "room", "group", "transport", "firstFrame"] as const;
type Stage = (typeof STAGES)[number];
type Join = Record<Stage, number>;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    joins: { type: "string", default: "20" },
  },
});
const joins = Number(values.joins);
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const say = (line: string): void => {
  if (!values.json) print(line);
};

const synthetic = await measure("synthetic");
const besideBrowsers = await measure("browsers");
report(synthetic, besideBrowsers);

/** All joins into one call of two. */
async function measure(members: MemberKind): Promise<readonly Join[]> {
  const results: Join[] = [];
  say(`into a call of two (${members}):`);
  await withCleanups(async (cleanups) => {
    const service = await RunningService.start({ flags: ["--http-page-directory", PAGE] });
    cleanups.defer(() => service.stop());
    const link = createInvitationLink(service.origin);
    await addMembers(members, link, cleanups);
    const cyd = await Person.atBrowser("Cyd", { colour: "blue", toneHz: 880 });
    cleanups.defer(() => cyd.close());
    for (let run = 0; run < joins; run += 1) {
      const join = await measureJoin(cyd, link);
      results.push(join);
      const stages = STAGES.map((stage) => `${stage} ${join[stage].toFixed(0)}`);
      say(`  join ${run + 1}: ${stages.join(", ")} ms`);
    }
  });
  return results;
}

/** One join from a page that was opened anew, and the farewell after it. */
async function measureJoin(person: Person, link: string): Promise<Join> {
  const { page } = person;
  await page.goto("about:blank");
  await page.goto(link);
  const name = await page.waitForSelector('[data-testid="name"]');
  await name?.click({ count: 3 });
  await name?.type(person.name);
  await page.waitForSelector('[data-testid="preview"] video');
  await page.evaluate(watchJoin);
  await person.click("join");
  await person.inCall();
  await person.sees("somebody's picture, and the own streams on their way", () =>
    ["bench:frame", "aparte:transport"].every(
      (mark) => performance.getEntriesByName(mark).length > 0,
    ),
  );
  const marks = await page.evaluate(() =>
    Object.fromEntries(
      performance.getEntriesByType("mark").map((mark) => [mark.name, mark.startTime]),
    ),
  );
  await person.click("leave");
  await page.waitForSelector('[data-testid="ended"]');
  const clickMs = marks["bench:click"] ?? Number.NaN;
  const since = (mark: string): number => (marks[mark] ?? Number.NaN) - clickMs;
  return {
    socket: since("aparte:socket"),
    room: since("aparte:join"),
    group: since("aparte:group"),
    transport: since("aparte:transport"),
    firstFrame: since("bench:frame"),
  };
}

/** Runs in the page: marks the click, and the first frame that a tile of somebody else shows. */
function watchJoin(): void {
  addEventListener("click", () => performance.mark("bench:click"), { capture: true, once: true });
  const watched = new WeakSet<HTMLVideoElement>();
  const look = () => {
    const videos = document.querySelectorAll<HTMLVideoElement>(
      '[data-testid="tile"][data-self="false"] video',
    );
    for (const video of videos) {
      if (watched.has(video)) continue;
      watched.add(video);
      video.requestVideoFrameCallback(() => {
        performance.mark("bench:frame");
      });
    }
    if (performance.getEntriesByName("bench:frame").length === 0) requestAnimationFrame(look);
  };
  look();
}

function report(results: readonly Join[], crowded: readonly Join[]): void {
  const figures: Record<string, number> = {};
  const put = (name: string, milliseconds: readonly number[]) => {
    figures[`${name}P50Ms`] = round(percentile(milliseconds, 50));
    figures[`${name}P95Ms`] = round(percentile(milliseconds, 95));
  };
  put(
    "join",
    results.map((join) => join.firstFrame),
  );
  for (const stage of STAGES) {
    put(
      stage,
      results.map((join) => join[stage]),
    );
  }
  put(
    "joinBesideBrowsers",
    crowded.map((join) => join.firstFrame),
  );
  if (values.json) {
    print(JSON.stringify({ bench: "join", joins: results.length, figures }));
    return;
  }
  const line = (what: string, name: string) =>
    `  ${what.padEnd(24)} p50 ${figures[`${name}P50Ms`]}   p95 ${figures[`${name}P95Ms`]}`;
  say("\nfrom the click to the end of each stage, in milliseconds:");
  for (const stage of STAGES) say(line(stage, stage));
  say("The first frame waits for the group, but not for the own streams (transport).");
  say(line("beside two browsers", "joinBesideBrowsers"));
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
