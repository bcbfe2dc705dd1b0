import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createInvitationLink } from "../../src/client/invitations.ts";
import { Cleanups } from "../support/cleanups.ts";
import { RunningService } from "../support/running-service.ts";
import type { SdkCaller } from "../support/sdk-callers.ts";
import { SdkCallers } from "../support/sdk-callers.ts";

/** As large as a camera, since smaller pictures have fewer layers in Chromium. */
const CAMERA = { colour: [200, 60, 30], size: { width: 1280, height: 720 } } as const;

describe("a camera of three layers", () => {
  const cleanups = new Cleanups();
  let ada: SdkCaller;
  let bob: SdkCaller;
  let adaId: string;

  before(async () => {
    const callers = await SdkCallers.open();
    cleanups.defer(() => callers.close());
    const service = await RunningService.start({
      flags: ["--http-allowed-origins", callers.origin],
    });
    cleanups.defer(async () => {
      await service.stop();
    });
    const server = service.origin;
    const link = createInvitationLink(server);
    [ada, bob] = await Promise.all([callers.caller(), callers.caller()]);
    await ada.join({ link, server, name: "Ada", camera: CAMERA });
    adaId = (await ada.state()).participantId;
    await ada.untilStats("one layer while nobody looks", ({ layersSent }) => layersSent === 1);
    await bob.join({ link, server, name: "Bob" });
  });

  after(() => cleanups.run());

  it("is encoded up to the one that somebody looks at", async () => {
    await bob.untilMore(adaId, "camera");
    for (const [lines, layers] of [
      [180, 1],
      [360, 2],
      [720, 3],
      [180, 1],
    ] as const) {
      await bob.show(adaId, "camera", lines);
      await ada.untilStats(`${layers} layers`, ({ layersSent }) => layersSent === layers);
      await bob.untilMore(adaId, "camera");
      const { received } = await bob.untilStats(`${lines} lines`, (stats) =>
        stats.received.some(
          ({ source, frameHeight }) => source === "camera" && frameHeight >= lines,
        ),
      );
      assert.equal(received.length, 1);
    }
    const { participants } = await bob.state();
    assert.deepEqual(
      participants.flatMap(({ streams }) => streams.map(({ trouble }) => trouble)),
      ["none"],
    );
  });
});
