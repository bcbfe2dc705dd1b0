/**
 * Whether a pair in a call notices that others come and go: two browsers see and hear each other
 * while members without media join and leave, each of which changes the keys.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createInvitationLink } from "../../src/client/invitations.ts";
import { parseInvitationLink } from "../../src/e2ee/invitation/index.ts";
import { Cleanups } from "../../test/support/cleanups.ts";
import { LabMember, LabServer } from "../../test/support/group-lab.ts";
import type { SdkCaller } from "../../test/support/sdk-callers.ts";
import { SdkCallers } from "../../test/support/sdk-callers.ts";
import { startSfu, until } from "../../test/support/sfu-lab.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    changes: { type: "string", default: "20" },
  },
});
const changes = Number(values.changes);
/** Time between two changes, so that each is a rekey of its own. */
const PAUSE_MS = 500;

const cleanups = new Cleanups();
try {
  const sfu = await startSfu({ workerCount: 1 });
  cleanups.defer(() => sfu.close());
  const callers = await SdkCallers.open();
  cleanups.defer(() => callers.close());
  const lab = await LabServer.start(sfu, { allowedOrigins: [callers.origin] });
  cleanups.defer(() => lab.close());
  const server = `http://127.0.0.1:${lab.port}`;
  const link = createInvitationLink(server);
  const pair = [await callers.caller(), await callers.caller()];
  for (const [index, caller] of pair.entries()) {
    await caller.join({
      link,
      server,
      name: `Steady ${index + 1}`,
      camera: { colour: [200, 40, 40], size: { width: 320, height: 180 } },
      toneHz: 440 + 220 * index,
    });
  }
  await Promise.all(pair.map((caller) => untilPictured(caller)));
  // Encoders and jitter buffers settle first.
  await sleep(3_000);

  await Promise.all(pair.map((caller) => caller.page.evaluate(watchPicture)));
  await sleep(changes * PAUSE_MS);
  const quiet = await longestGap(pair);
  const before = await undecryptable(pair);
  const epochs = await comeAndGo(lab.port, link, pair);
  const figures = {
    undecryptableFrames: (await undecryptable(pair)) - before,
    longestFreezeMs: await longestGap(pair),
    quietLongestFreezeMs: quiet,
    epochs,
  };
  if (values.json) print(JSON.stringify({ bench: "rekey", changes, figures }));
  else {
    print(`${changes} people came or went, ${epochs} epochs`);
    print(`frames of the steady pair that did not open   ${figures.undecryptableFrames}`);
    print(`longest time without a new picture            ${figures.longestFreezeMs} ms`);
    print(`the same while nobody came or went            ${quiet} ms`);
  }
} finally {
  await cleanups.run();
}

/** By turns somebody joins and somebody leaves. Resolves with the number of epochs that began. */
async function comeAndGo(port: number, link: string, pair: readonly SdkCaller[]): Promise<number> {
  const invitation = parseInvitationLink(link);
  const present: LabMember[] = [];
  const epochOf = async () => (await pair[0]?.state())?.epoch ?? 0;
  const first = await epochOf();
  for (let change = 0; change < changes; change += 1) {
    const startMs = performance.now();
    const leaver = change % 2 === 0 ? undefined : present.shift();
    if (leaver === undefined) {
      const member = new LabMember(port, invitation);
      present.push(member);
      await member.join();
    } else await leaver.leave();
    const members = pair.length + present.length;
    for (const caller of pair) {
      await until(
        "the pair sees the change",
        async () => (await caller.state()).members === members,
      );
    }
    await sleep(Math.max(0, PAUSE_MS - (performance.now() - startMs)));
  }
  for (const member of present) member.close();
  return (await epochOf()) - first;
}

async function untilPictured(caller: SdkCaller): Promise<void> {
  await until(
    "a picture of the other",
    () => caller.page.evaluate(() => (document.querySelector("video")?.videoWidth ?? 0) > 0),
    20_000,
  );
}

/** Runs in the page: keeps the longest time between two new pictures in `window.name`. */
function watchPicture(): void {
  const video = document.querySelector("video");
  if (video === null) return;
  let lastMs = performance.now();
  window.name = "0";
  const next = () => {
    const nowMs = performance.now();
    window.name = String(Math.max(Number(window.name), nowMs - lastMs));
    lastMs = nowMs;
    video.requestVideoFrameCallback(next);
  };
  video.requestVideoFrameCallback(next);
}

/** The longest gap of either since the last time that this was asked, in milliseconds. */
async function longestGap(pair: readonly SdkCaller[]): Promise<number> {
  const gaps = await Promise.all(
    pair.map((caller) =>
      caller.page.evaluate(() => {
        const longest = Number(window.name);
        window.name = "0";
        return longest;
      }),
    ),
  );
  return Math.round(Math.max(...gaps));
}

/** Frames of any stream of the pair that did not open, whatever the cause; replays are not lost. */
async function undecryptable(pair: readonly SdkCaller[]): Promise<number> {
  let frames = 0;
  for (const caller of pair) {
    for (const { dropped } of (await caller.stats()).opened) {
      for (const [cause, count] of Object.entries(dropped)) {
        if (cause !== "replayed") frames += count;
      }
    }
  }
  return frames;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
