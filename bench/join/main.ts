/**
 * How long joining takes, from the click to the first remote frame on the screen: 20 joins, one
 * after another, into a call of two, each person at a browser of their own.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createInvitationLink } from "../../src/client/invitations.ts";
import { Person } from "../../test/support/call-browser.ts";
import { RunningService } from "../../test/support/running-service.ts";
import { percentile } from "../support/percentile.ts";

const PAGE = fileURLToPath(new URL("../../dist/web", import.meta.url));
/** In the order in which they usually end; the last one is the whole. */
const STAGES = ["socket", "room", "group", "transport", "firstFrame"] as const;
type Stage = (typeof STAGES)[number];
type Join = Record<Stage, number>;

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, joins: { type: "string", default: "20" } },
});
const joins = Number(values.joins);
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const say = (line: string): void => {
  if (!values.json) print(line);
};

const service = await RunningService.start({ flags: ["--http-page-directory", PAGE] });
const people: Person[] = [];
try {
  const link = createInvitationLink(service.origin);
  for (const [name, colour] of [
    ["Ada", "red"],
    ["Bob", "green"],
  ] as const) {
    const person = await Person.atBrowser(name, { colour, toneHz: 440 });
    people.push(person);
    await person.join(link);
  }
  const cyd = await Person.atBrowser("Cyd", { colour: "blue", toneHz: 880 });
  people.push(cyd);
  const results: Join[] = [];
  for (let run = 0; run < joins; run += 1) {
    const result = await measureJoin(cyd, link);
    results.push(result);
    say(
      `join ${run + 1}: ${STAGES.map((stage) => `${stage} ${result[stage].toFixed(0)}`).join(", ")} ms`,
    );
  }
  report(results);
} finally {
  await Promise.all(people.map((person) => person.close()));
  await service.stop();
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

function report(results: readonly Join[]): void {
  const figures: Record<string, number> = {};
  const firstFrames = results.map((join) => join.firstFrame);
  figures["joinP50Ms"] = round(percentile(firstFrames, 50));
  figures["joinP95Ms"] = round(percentile(firstFrames, 95));
  for (const stage of STAGES) {
    const ends = results.map((join) => join[stage]);
    figures[`${stage}P50Ms`] = round(percentile(ends, 50));
    figures[`${stage}P95Ms`] = round(percentile(ends, 95));
  }
  if (values.json) {
    print(JSON.stringify({ bench: "join", joins: results.length, figures }));
    return;
  }
  say("\nfrom the click to the end of each stage, in milliseconds:");
  for (const stage of STAGES) {
    say(`  ${stage.padEnd(12)} p50 ${figures[`${stage}P50Ms`]}   p95 ${figures[`${stage}P95Ms`]}`);
  }
  say("The first frame waits for the group, but not for the own streams (transport).");
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
