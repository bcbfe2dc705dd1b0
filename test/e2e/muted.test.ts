import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createInvitationLink } from "../../src/client/invitations.ts";
import { Cleanups } from "../support/cleanups.ts";
import { RunningService } from "../support/running-service.ts";
import type { SdkCaller } from "../support/sdk-callers.ts";
import { SdkCallers } from "../support/sdk-callers.ts";

const CAMERA = { colour: [30, 30, 220], size: { width: 320, height: 180 } } as const;
/** Time in which 50 packets of sound would have left. */
const WATCHED_MS = 1_000;

describe("muted", () => {
  const cleanups = new Cleanups();
  let callers: SdkCallers;
  let service: RunningService;

  before(async () => {
    callers = await SdkCallers.open();
    cleanups.defer(() => callers.close());
    service = await RunningService.start({ flags: ["--http-allowed-origins", callers.origin] });
    cleanups.defer(async () => {
      await service.stop();
    });
  });

  after(() => cleanups.run());

  it("lets not one packet out, however long the server takes to answer", async () => {
    const server = service.origin;
    const link = createInvitationLink(server);
    const ada = await callers.caller(withholdProducers);
    const bob = await callers.caller();
    const joining = ada.join({
      link,
      server,
      name: "Ada",
      camera: CAMERA,
      toneHz: 700,
      muted: true,
    });
    await ada.page.waitForFunction(() => Reflect.get(globalThis, "withheld") > 0);
    assert.equal(await packetsWithin(ada, WATCHED_MS), 0);
    await ada.page.evaluate(() => {
      Reflect.apply(Reflect.get(globalThis, "giveProducers"), undefined, []);
    });
    await joining;
    await bob.join({ link, server, name: "Bob" });
    assert.equal(await packetsWithin(ada, WATCHED_MS), 0);

    const { participantId } = await ada.state();
    for (const source of ["microphone", "camera"] as const) {
      await ada.page.evaluate((each) => window.caller.setMuted(each, false), source);
      await bob.untilMore(participantId, source);
      await ada.page.evaluate((each) => window.caller.setMuted(each, true), source);
    }
    // What was under way when the mute came has left by then.
    await packetsWithin(ada, WATCHED_MS);
    assert.equal(await packetsWithin(ada, WATCHED_MS), 0);
    const { phases, endCode } = await ada.state();
    assert.deepEqual([phases, endCode], [["joined"], null]);
    assert.deepEqual(callers.errors, []);
  });
});

/** RTP packets that leave within a time. */
async function packetsWithin(caller: SdkCaller, timeMs: number): Promise<number> {
  const { packetsSent } = await caller.stats();
  await new Promise((resolve) => {
    setTimeout(resolve, timeMs);
  });
  return (await caller.stats()).packetsSent - packetsSent;
}

/**
 * Runs in the page before its scripts: plays a server that does not answer `producer:create` until
 * `giveProducers` is called. The answers are known by what they hold and notifications do not.
 */
function withholdProducers(): void {
  const isProducerAnswer = (data: unknown) =>
    typeof data === "string" && data.startsWith("43") && data.includes('"data":{"producerId":');
  const withheld: (() => void)[] = [];
  let isGiving = false;
  Reflect.set(globalThis, "giveProducers", () => {
    isGiving = true;
    for (const give of withheld.splice(0)) give();
  });
  globalThis.WebSocket = class extends WebSocket {
    override set onmessage(listener: (event: MessageEvent) => void) {
      this.addEventListener("message", (event: MessageEvent) => {
        if (isGiving || !isProducerAnswer(event.data)) listener(event);
        else withheld.push(() => listener(event));
        Reflect.set(globalThis, "withheld", withheld.length);
      });
    }
  };
}
