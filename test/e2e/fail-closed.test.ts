import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createInvitationLink } from "../../src/client/invitations.ts";
import { Person } from "../support/call-browser.ts";
import { Cleanups } from "../support/cleanups.ts";
import { RunningService } from "../support/running-service.ts";
import { SdkCallers } from "../support/sdk-callers.ts";

const PAGE = fileURLToPath(new URL("../../dist/web", import.meta.url));
const CAMERA = { colour: [220, 30, 30], size: { width: 320, height: 180 } } as const;

describe("without sealing there is no media", () => {
  const cleanups = new Cleanups();
  let callers: SdkCallers;
  let service: RunningService;

  before(async () => {
    callers = await SdkCallers.open();
    cleanups.defer(() => callers.close());
    service = await RunningService.start({
      flags: ["--http-page-directory", PAGE, "--http-allowed-origins", callers.origin],
    });
    cleanups.defer(async () => {
      await service.stop();
    });
  });

  after(() => cleanups.run());

  it("sends nothing from the moment that the worker is gone, and ends the call", async (context) => {
    const server = service.origin;
    const link = createInvitationLink(server);
    const ada = await callers.caller();
    const bob = await callers.caller();
    await ada.join({ link, server, name: "Ada", camera: CAMERA, toneHz: 700 });
    await bob.join({ link, server, name: "Bob" });
    const { participantId } = await ada.state();
    await bob.untilMore(participantId, "camera");

    await ada.page.evaluate(() => {
      window.caller.endWorkers();
    });
    const endedAtMs = Date.now();
    const { packetsSent } = await ada.stats();
    let lastSent = packetsSent;
    await ada.untilStats("the end of all connections", (stats) => {
      lastSent = Math.max(lastSent, stats.packetsSent);
      return stats.sealed.length === 0;
    });
    const { phase, endCode } = await ada.state();
    context.diagnostic(`the call ended after ${Date.now() - endedAtMs} ms`);
    assert.deepEqual([phase, endCode], ["ended", "sealing-failed"]);
    // What was sealed before may still have waited for its turn to be sent.
    assert.ok(lastSent <= packetsSent + 5, `${lastSent - packetsSent} packets left afterwards`);
    await bob.untilState("that Ada is gone", ({ participants }) => participants.length === 0);
    // Otherwise she would hold keys until the server had given her up, 30 s later.
    assert.ok(Date.now() - endedAtMs < 10_000, "she has said goodbye");
  });

  it("refuses to join where the browser cannot seal", async () => {
    const caller = await callers.caller(forgetTransforms);
    const server = service.origin;
    const link = createInvitationLink(server);
    const request = { link, server, name: "Ada", camera: CAMERA };
    assert.equal(await caller.tryToJoin(request), "unsupported");
    assert.equal((await caller.stats()).packetsSent, 0);
  });

  it("says so on the page", async () => {
    const person = await Person.atBrowser("Ada", { colour: "red", toneHz: 440 });
    try {
      await person.page.evaluateOnNewDocument(forgetTransforms);
      await person.page.goto(createInvitationLink(service.origin));
      await person.sees("that this browser is no good", () =>
        (document.querySelector('[data-testid="unsupported"]')?.textContent ?? "").includes(
          "can’t encrypt calls",
        ),
      );
      assert.equal(await person.page.$('[data-testid="join"]'), null);
      assert.deepEqual(person.errors, []);
    } finally {
      await person.close();
    }
  });
});

/** Runs in the page before its scripts: makes of it a browser without encoded transforms. */
function forgetTransforms(): void {
  Reflect.deleteProperty(globalThis, "RTCRtpScriptTransform");
  Reflect.deleteProperty(RTCRtpSender.prototype, "createEncodedStreams");
  Reflect.deleteProperty(RTCRtpReceiver.prototype, "createEncodedStreams");
}
