import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createInvitationLink } from "../../src/client/invitations.ts";
import { Cleanups } from "../support/cleanups.ts";
import { freePort } from "../support/free-port.ts";
import { RunningService } from "../support/running-service.ts";
import type { SdkCaller } from "../support/sdk-callers.ts";
import { decodedOf, SdkCallers } from "../support/sdk-callers.ts";
import { RawClient } from "../support/signaling-raw-client.ts";

const CAMERA = { colour: [220, 30, 30], size: { width: 320, height: 180 } } as const;
const MESSAGES = 10_000;
const DATAGRAMS = 10_000;
const HALF_OPEN = 100;
/** A picture comes every 67 ms; more than this is a freeze that people see, even on a slow machine. */
const MAX_GAP_MS = 2_500;

describe("a call that runs while its server is shouted at", () => {
  const cleanups = new Cleanups();
  let service: RunningService;
  let sfuPort: number;
  let httpPort: number;
  let ada: SdkCaller;
  let bob: SdkCaller;
  let adaId: string;

  before(async () => {
    const callers = await SdkCallers.open();
    cleanups.defer(() => callers.close());
    sfuPort = await freePort();
    service = await RunningService.start({
      flags: ["--http-allowed-origins", callers.origin, "--sfu-port", String(sfuPort)],
    });
    cleanups.defer(async () => {
      await service.stop();
    });
    const server = service.origin;
    httpPort = Number(new URL(server).port);
    const link = createInvitationLink(server);
    ada = await callers.caller();
    bob = await callers.caller();
    await ada.join({ link, server, name: "Ada", camera: CAMERA, toneHz: 700 });
    await bob.join({ link, server, name: "Bob", toneHz: 1_200 });
    adaId = (await ada.state()).participantId;
    await bob.untilMore(adaId, "camera");
  });

  after(() => cleanups.run());

  /** Runs the attack, and watches that Bob sees Ada all the while. */
  async function loseNothingDuring(attack: () => Promise<void>): Promise<void> {
    const state = { isOver: false };
    const attacking = attack().finally(() => {
      state.isOver = true;
    });
    let decoded = decodedOf(await bob.stats(), adaId, "camera");
    let lastMs = Date.now();
    let worstGapMs = 0;
    while (!state.isOver) {
      const now = decodedOf(await bob.stats(), adaId, "camera");
      worstGapMs = Math.max(worstGapMs, Date.now() - lastMs);
      if (now > decoded) lastMs = Date.now();
      decoded = now;
    }
    await attacking;
    assert.ok(worstGapMs < MAX_GAP_MS, `no picture for ${worstGapMs} ms`);
    await bob.untilMore(adaId, "camera", 15);
    await bob.untilMore(adaId, "microphone", 15);
    const { opened } = await bob.stats();
    for (const { source, dropped } of opened) {
      // Retransmissions, and what was sealed before its receiver came.
      const harmless = ["replayed", "earlier-epoch"];
      const lost = Object.entries(dropped).filter(
        ([cause, count]) => count > 0 && !harmless.includes(cause),
      );
      assert.deepEqual(lost, [], source);
    }
    for (const caller of [ada, bob]) {
      const { phases, participants } = await caller.state();
      assert.deepEqual(phases, ["joined"]);
      assert.deepEqual(
        participants.map(({ presence }) => presence),
        ["present"],
      );
    }
  }

  it("loses nothing to 10,000 messages that make no sense", async (context) => {
    let connections = 0;
    await loseNothingDuring(async () => {
      let sent = 0;
      while (sent < MESSAGES) {
        const client = await RawClient.connect(httpPort);
        connections += 1;
        // Whoever offends too much is cut off, and comes again.
        while (client.open && sent < MESSAGES) {
          client.send(nonsense(sent));
          sent += 1;
          if (sent % 50 === 0) await setImmediate();
        }
        client[Symbol.dispose]();
      }
    });
    context.diagnostic(`${connections} connections were needed`);
    assert.ok(connections > 1, "nobody was cut off");
  });

  it("loses nothing to connections that never get anywhere", async () => {
    const sockets: Socket[] = [];
    await loseNothingDuring(async () => {
      for (let count = 0; count < HALF_OPEN; count += 1) {
        const socket = connect(httpPort, "127.0.0.1");
        socket.on("error", () => socket.destroy());
        socket.write("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ");
        sockets.push(socket);
        if (count % 5 === 0) await RawClient.connect(httpPort, null);
      }
    });
    for (const socket of sockets) socket.destroy();
  });

  it("loses nothing to garbage at the port of its media", async () => {
    const socket = createSocket("udp4");
    await loseNothingDuring(async () => {
      for (let count = 0; count < DATAGRAMS; count += 1) {
        await new Promise((resolve) => {
          socket.send(datagram(count), sfuPort, "127.0.0.1", resolve);
        });
      }
      const stranger = connect(sfuPort, "127.0.0.1");
      stranger.on("error", () => stranger.destroy());
      for (let count = 0; count < 100; count += 1) stranger.write(randomBytes(1_000));
      stranger.destroy();
    });
    socket.close();
  });

  it("has left the server in good health", () => {
    assert.deepEqual(
      service.log.filter(({ level }) => level === "error"),
      [],
    );
    assert.equal(service.process.exitCode, null);
    assert.equal(service.log.filter(({ msg }) => msg === "media worker started").length, 1);
  });
});

/** Bytes, texts, packets of Socket.IO with wrong names and inputs, and very large ones. */
function nonsense(index: number): string | Uint8Array<ArrayBuffer> {
  const random = randomBytes(20).toString("base64");
  const kinds: readonly (() => string | Uint8Array<ArrayBuffer>)[] = [
    () => new Uint8Array(randomBytes(200)),
    () => random,
    () => `42["room:join",{"roomId":"${random}"}]`,
    () => `42${index}["group:commit",[[[[[[[[${index}]]]]]]]]]`,
    () => `42${index}["${random}",null]`,
    () => `451-["group:send",{"_placeholder":true,"num":${index}}]`,
    () => `42${index}["transport:connect",${JSON.stringify({ __proto__: null, toString: 1 })}]`,
    () => (index % 400 === 6 ? "4".repeat(300_000) : "4"),
  ];
  return kinds[index % kinds.length]?.() ?? "";
}

/** What looks like STUN, DTLS, RTP or RTCP by its first bytes (RFC 7983), and is not. */
function datagram(index: number): Buffer {
  const bytes = randomBytes(20 + (index % 1_200));
  const firsts = [0x00, 0x01, 0x16, 0x17, 0x80, 0x81, 0x90, 0xff];
  bytes[0] = firsts[index % firsts.length] ?? 0;
  // STUN's magic cookie, RFC 8489 section 5.
  if (index % 2 === 0) bytes.writeUInt32BE(0x2112_a442, 4);
  return bytes;
}
