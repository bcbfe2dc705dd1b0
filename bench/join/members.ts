import { randomBytes } from "node:crypto";
import { createEngine } from "../../loadtest/engine/create-engine.ts";
import { MEDIA_FOLDER } from "../../loadtest/engine/media-folder.ts";
import { FrameKeys } from "../../loadtest/participant/frame-keys.ts";
import { SyntheticParticipant } from "../../loadtest/participant/synthetic-participant.ts";
import { Person } from "../../test/support/call-browser.ts";
import type { Cleanups } from "../../test/support/cleanups.ts";

/** Who is in the call before it is joined. */
export type MemberKind = "synthetic" | "browsers";

const PATIENCE_MS = 60_000;

/** Two members who send sound and a picture; resolves when both are in the call. */
export async function addMembers(kind: MemberKind, link: string, cleanups: Cleanups) {
  if (kind === "browsers") await addBrowsers(link, cleanups);
  else await addSynthetic(link, cleanups);
}

async function addBrowsers(link: string, cleanups: Cleanups): Promise<void> {
  for (const [name, colour] of [
    ["Ada", "red"],
    ["Bob", "green"],
  ] as const) {
    const person = await Person.atBrowser(name, { colour, toneHz: 440 });
    cleanups.defer(() => person.close());
    await person.join(link);
  }
}

/**
 * As the load test has them: their own connections, leaves and transports, a speaking voice and a
 * camera in three sizes, sealed, but encoded beforehand. So the processor is the newcomer's and the
 * service's, as it is where nobody shares a machine with those whom they call.
 */
async function addSynthetic(link: string, cleanups: Cleanups): Promise<void> {
  const engine = await createEngine("native");
  cleanups.defer(() => engine.close());
  const settings = { mediaFolder: MEDIA_FOLDER, srtpProfiles: [], seal: true, stamp: false };
  await engine.request("engine:open", settings);
  const frameKeys = new FrameKeys();
  for (let member = 0; member < 2; member += 1) {
    const joined = Promise.withResolvers<void>();
    const participant = new SyntheticParticipant({
      plan: {
        participantId: randomBytes(16).toString("base64url"),
        room: 0,
        link,
        publish: ["microphone", "camera"],
        videos: 2,
        layer: 2,
        openShare: 1,
        relayOnly: false,
      },
      engine,
      frameKeys,
      tell: (event) => {
        if (event.type === "joined") joined.resolve();
        if (event.type === "trouble" && event.isFinal) joined.reject(new Error(event.message));
      },
    });
    cleanups.defer(() => participant.leave());
    const late = setTimeout(() => {
      joined.reject(new Error("a synthetic member did not join within a minute"));
    }, PATIENCE_MS);
    await participant.join();
    await joined.promise.finally(() => {
      clearTimeout(late);
    });
  }
}
