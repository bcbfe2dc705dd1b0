import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { types } from "mediasoup";
import * as mediasoup from "mediasoup";
import { createInvitationLink } from "../../src/client/invitations.ts";
import { loadConfig } from "../../src/config/index.ts";
import { silentLogger } from "../../src/observability/index.ts";
import { createServer, type RunningServer } from "../../src/server/create-server.ts";
import { Cleanups } from "../support/cleanups.ts";
import type { SdkCaller } from "../support/sdk-callers.ts";
import { SdkCallers } from "../support/sdk-callers.ts";
import { until } from "../support/sfu-lab.ts";
import { relayPorts } from "../support/turn-lab-options.ts";

const TURN_ADDRESS = "127.0.0.1";
const SFU_ADDRESS = "127.0.0.2";
const RELAY_ADDRESS = "127.0.0.3";
const CAMERA = { colour: [220, 30, 30], size: { width: 320, height: 180 } } as const;

/** The whole service in this process, so that a test can ask the media workers what they see. */
function startServer(allowedOrigin: string): Promise<RunningServer> {
  const { min, max } = relayPorts();
  const ports = ["http", "admin", "sfu", "turn"].flatMap((part) => [`--${part}-port`, "0"]);
  const config = loadConfig({
    flags: [
      ...[...ports, "--sfu-workers", "1", "--http-allowed-origins", allowedOrigin],
      ...["--sfu-addresses", SFU_ADDRESS, "--turn-addresses", TURN_ADDRESS],
      ...["--turn-public-host", TURN_ADDRESS, "--turn-relay-addresses", RELAY_ADDRESS],
      ...["--turn-relay-port-min", String(min), "--turn-relay-port-max", String(max)],
    ],
    environment: { MEDIASOUP_WORKER_BIN: process.env["MEDIASOUP_WORKER_BIN"] },
  });
  return createServer({ config, logger: silentLogger });
}

describe("a call that hides its participant's address", () => {
  const cleanups = new Cleanups();
  const transports = new Set<types.WebRtcTransport>();
  let callers: SdkCallers;
  let server: string;

  before(async () => {
    mediasoup.observer.on("newworker", (worker) => {
      worker.observer.on("newwebrtcserver", ({ observer }) => {
        observer.on("webrtctransporthandled", (transport) => transports.add(transport));
        observer.on("webrtctransportunhandled", (transport) => transports.delete(transport));
      });
    });
    callers = await SdkCallers.open(["--allow-loopback-in-peer-connection"]);
    cleanups.defer(() => callers.close());
    const service = await startServer(callers.origin);
    cleanups.defer(() => service.close("the test is over"));
    server = `http://127.0.0.1:${service.httpPort}`;
  });

  after(() => cleanups.run());

  /** Of the transports whose other end the media worker knows, those where it is the relay. */
  function seenBySfu(): { hidden: number; shown: number } {
    const seen = [...transports].map(({ iceSelectedTuple }) => iceSelectedTuple?.remoteIp);
    const hidden = seen.filter((address) => address === RELAY_ADDRESS).length;
    return { hidden, shown: seen.filter((address) => address !== undefined).length - hidden };
  }

  /** A way that was changed is taken a moment after frames came by the former one. */
  async function untilSeen(expected: { hidden: number; shown: number }): Promise<void> {
    await until(`${JSON.stringify(expected)} at the media workers`, () =>
      isDeepStrictEqual(seenBySfu(), expected),
    );
  }

  async function seeEachOther(one: SdkCaller, other: SdkCaller): Promise<void> {
    const [oneId, otherId] = [await one.state(), await other.state()].map(
      ({ participantId }) => participantId,
    );
    for (const source of ["camera", "microphone"] as const) {
      await Promise.all([
        one.untilMore(otherId ?? "", source),
        other.untilMore(oneId ?? "", source),
      ]);
    }
  }

  it("shows the media workers the relay's address, from the beginning or from a moment on", async () => {
    const link = createInvitationLink(server);
    const ada = await callers.caller();
    const bob = await callers.caller();
    await ada.join({ link, server, name: "Ada", camera: CAMERA, toneHz: 700, relayOnly: true });
    await bob.join({ link, server, name: "Bob", camera: CAMERA, toneHz: 1_200 });
    await seeEachOther(ada, bob);
    const hidden = await ada.stats();
    assert.deepEqual(
      hidden.paths.map(({ candidate }) => candidate),
      ["relay", "relay"],
    );
    assert.deepEqual([...new Set(hidden.candidates)], ["relay"], "no other candidate is there");
    assert.ok(!(await bob.stats()).paths.some(({ candidate }) => candidate === "relay"));
    await untilSeen({ hidden: 2, shown: 2 });

    await bob.setIceTransportPolicy("relay");
    await seeEachOther(ada, bob);
    await untilSeen({ hidden: 4, shown: 0 });
    await ada.setIceTransportPolicy("all");
    await seeEachOther(ada, bob);
    await untilSeen({ hidden: 2, shown: 2 });
    assert.deepEqual(callers.errors, []);
  });
});
