import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createInvitationLink } from "../../src/client/invitations.ts";
import { Cleanups } from "../support/cleanups.ts";
import { RunningService } from "../support/running-service.ts";
import { SdkCallers } from "../support/sdk-callers.ts";

describe("a call that hides its participant's address", () => {
  const cleanups = new Cleanups();
  let callers: SdkCallers;
  let service: RunningService;

  before(async () => {
    callers = await SdkCallers.open(["--allow-loopback-in-peer-connection"]);
    cleanups.defer(() => callers.close());
    service = await RunningService.start({ flags: ["--http-allowed-origins", callers.origin] });
    cleanups.defer(async () => {
      await service.stop();
    });
  });

  after(() => cleanups.run());

  it("goes through the relay of the service itself, both ways", async () => {
    const server = service.origin;
    const link = createInvitationLink(server);
    const camera = { colour: [220, 30, 30], size: { width: 320, height: 180 } } as const;
    const ada = await callers.caller();
    const bob = await callers.caller();
    await ada.join({ link, server, name: "Ada", camera, toneHz: 700, relayOnly: true });
    await bob.join({ link, server, name: "Bob", camera, toneHz: 1_200 });
    const [adaId, bobId] = [(await ada.state()).participantId, (await bob.state()).participantId];
    for (const source of ["camera", "microphone"] as const) {
      await bob.untilMore(adaId, source, 30);
      await ada.untilMore(bobId, source, 30);
    }
    const relayed = { candidate: "relay", protocol: "udp" };
    const paths = (await ada.stats()).paths.map(({ candidate, protocol }) => ({
      candidate,
      protocol,
    }));
    assert.deepEqual(paths, [relayed, relayed]);
    const direct = (await bob.stats()).paths.map(({ candidate }) => candidate);
    assert.equal(direct.length, 2);
    assert.ok(!direct.includes("relay"), "only who asks for it is relayed");
    assert.deepEqual(callers.errors, []);
  });
});
