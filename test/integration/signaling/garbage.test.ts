import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { LIMITS, SIGNALING_PATH } from "../../../src/protocol/index.ts";
import type { CutReason } from "../../../src/signaling/signaling-metrics.ts";
import { randomId } from "../../support/protocol-client.ts";
import { openTransports, refusedWith, SignalingHarness } from "../../support/signaling-harness.ts";
import { RawClient } from "../../support/signaling-raw-client.ts";
import { OPUS } from "../../support/signaling-sfu.ts";

/** Of an epoch; what it says is the members' business. */
const tag = randomId();

/** A small generator whose numbers are the same in each run. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state;
  }
}

function garbage(count: number): unknown[] {
  const random = numbers(7);
  const next = (below: number) => (random.next().value ?? 0) % below;
  const payloads = [
    () => null,
    () => next(1e9),
    () => "x".repeat(next(500)),
    () => ({ roomId: next(9), participantId: {} }),
    () => Array.from({ length: next(20) }, () => next(5)),
    () => ({ constructor: { prototype: {} }, __proto__: null }),
    () => new Uint8Array(next(300)),
    () => ({ commit: new Uint8Array(next(300)), epoch: new Uint8Array(1) }),
  ];
  return Array.from({ length: count }, () => payloads[next(payloads.length)]?.());
}

describe("10,000 garbage messages", () => {
  test("are answered or cut off, while a call that runs loses nothing", async (t) => {
    const cuts: CutReason[] = [];
    const harness = await SignalingHarness.start(t, {
      metrics: { connectionCut: (reason) => cuts.push(reason) },
    });
    const roomId = randomId();
    const anna = await harness.join(roomId);
    const ben = await harness.join(roomId);
    const names = [
      "room:join",
      "group:commit",
      "nothing",
      "consumer:create",
      "error",
      "room:leave",
    ];
    const progress = { sent: 0, answered: 0 };
    const flood = (async () => {
      const all = garbage(10_000);
      while (progress.sent < all.length) {
        const attacker = await harness.connect();
        while (attacker.socket.connected && progress.sent < all.length) {
          const batch = all
            .slice(progress.sent, progress.sent + 50)
            .map((payload, index) =>
              attacker.requestRaw(names[(progress.sent + index) % names.length] ?? "", payload),
            );
          progress.sent += batch.length;
          const outcomes = await Promise.allSettled(batch);
          for (const outcome of outcomes)
            if (outcome.status === "fulfilled") progress.answered += 1;
        }
        attacker.close();
      }
    })();

    const { sendId } = await openTransports(anna.client);
    let messages = 0;
    for (; messages < 50 || progress.sent < 10_000; messages += 1) {
      const message = Uint8Array.of(messages & 0xff, 1);
      await anna.client.request("group:send", { to: null, message });
      if (messages % 10 === 0) await new Promise(setImmediate);
      if (messages > 900) break;
    }
    const { producerId } = await anna.client.request("producer:create", {
      transportId: sendId,
      source: "microphone",
      rtpParameters: OPUS,
      paused: false,
    });
    await flood;
    await ben.client.waitFor(
      "producer:opened",
      ({ producer }) => producer.producerId === producerId,
    );
    const received = ben.client.toldOf("group:received").map(({ message }) => message[0]);
    assert.deepEqual(
      received,
      Array.from({ length: messages }, (_, index) => index & 0xff),
    );
    assert.ok(progress.answered >= 100, `${progress.answered} answered`);
    assert.ok(cuts.length > 10 && cuts.every((reason) => reason === "too-many-offences"));
    assert.equal(harness.server.participantCount, 2);
    assert.deepEqual([...anna.client.violations, ...ben.client.violations], []);
  });
});

describe("a packet that breaks Socket.IO's own rules", () => {
  const deep = `[${"[".repeat(50_000)}${"]".repeat(50_000)}]`;
  const packets: Record<string, (string | Uint8Array<ArrayBuffer>)[]> = {
    "no JSON": ["42[oops"],
    "no event name": ["42"],
    "an empty event": ["42[]"],
    "a number for a name": ["421[5,{}]"],
    "an object for a name": ['421[{"a":1},{}]'],
    "a reserved name": ['42["disconnect","x"]'],
    "deep nesting": [`421["room:join",${deep}]`],
    "deep nesting with an attachment": [`451-1["room:join",${deep}]`, Uint8Array.of(1)],
    "a million attachments": ['451000000-["group:send",{}]'],
    "an attachment that is not there": [
      '451-1["group:send",{"_placeholder":true,"num":9}]',
      Uint8Array.of(1),
    ],
    "bytes out of nowhere": [Uint8Array.of(1, 2, 3)],
    "an unknown packet type": ["49hello"],
    "an answer to no question": ["4399[1]", "43[]", "43"],
    "another namespace": ["40/admin,{}"],
    "an unknown Engine.IO packet": ["9"],
    "an Engine.IO ping": ["2"],
    "an ack id that is none": ['421e9["room:leave",{}]'],
    "a disconnect with a payload": ['41{"a":1}'],
  };
  for (const [what, sent] of Object.entries(packets)) {
    test(`${what} harms nobody else`, async (t) => {
      const harness = await SignalingHarness.start(t);
      const anna = await harness.join(randomId());
      using raw = await RawClient.connect(harness.port);
      raw.send(...sent);
      // Two round trips of another client: whatever the packet does has been done by then.
      await anna.client.request("group:create", { tag });
      await anna.client.request("group:commits", { fromEpoch: 0 });
      assert.equal(harness.server.participantCount, 1);
    });
  }

  test("a second handshake ends the connection", async (t) => {
    const harness = await SignalingHarness.start(t);
    using raw = await RawClient.connect(harness.port, null);
    raw.send('40{"protocol":1}', '40{"protocol":1}', '40{"protocol":1}');
    await raw.waitForClose();
    assert.equal(harness.server.connectionCount, 0);
  });

  test("paths that are no path are refused", async (t) => {
    const harness = await SignalingHarness.start(t);
    for (const path of [
      `${SIGNALING_PATH}/?EIO=4&transport=polling`,
      `${SIGNALING_PATH}/?EIO=4&transport=websocket&sid=constructor`,
      `${SIGNALING_PATH}/?%ff=%`,
      `${SIGNALING_PATH}:99999999`,
    ]) {
      const answer = await rawHttp(harness.port, path);
      assert.match(answer, /^HTTP\/1\.1 4\d\d /, path);
    }
    await harness.connect();
  });
});

describe("a connection", () => {
  test("that asks too much is answered rate-limited", async (t) => {
    const harness = await SignalingHarness.start(t, {
      options: { requestsPerSecond: 0.001, requestBurst: 3 },
    });
    const { client } = await harness.join(randomId());
    await client.request("group:create", { tag });
    await client.request("group:commits", { fromEpoch: 0 });
    await assert.rejects(
      client.request("group:commits", { fromEpoch: 0 }),
      refusedWith("rate-limited"),
    );
  });

  test("that asks too much at once is answered rate-limited", async (t) => {
    const harness = await SignalingHarness.start(t, { options: { pendingRequests: 2 } });
    const { client } = await harness.join(randomId());
    const release = harness.sfu.hold();
    const waiting = (["send", "receive"] as const).map((direction) =>
      client.request("transport:create", { direction }),
    );
    await assert.rejects(client.request("group:create", { tag }), refusedWith("rate-limited"));
    release();
    await Promise.all(waiting);
    await client.request("group:create", { tag });
  });

  const cutOff: Record<CutReason, ((raw: RawClient) => void) | undefined> = {
    "too-many-bytes": (raw) => {
      for (let sent = 0; sent < 200_000; sent += 50_000) raw.send(`4${"3".repeat(50_000)}`);
    },
    "text-too-long": (raw) => {
      raw.send(`42["${"x".repeat(LIMITS.textPacketBytes)}"]`);
    },
    "too-many-offences": (raw) => {
      for (let index = 0; index < 20; index += 1) raw.send('42["nothing"]');
    },
    "too-slow": undefined,
    "connected-twice": undefined,
  };
  for (const [reason, attack] of Object.entries(cutOff)) {
    if (attack === undefined) continue;
    test(`is cut off: ${reason}`, async (t) => {
      const cuts: CutReason[] = [];
      const options = {
        bytesPerSecond: 1_000,
        byteBurst: reason === "too-many-bytes" ? 100_000 : 1_000_000,
        offenceBurst: 10,
      };
      const harness = await SignalingHarness.start(t, {
        options,
        metrics: { connectionCut: (cut) => cuts.push(cut) },
      });
      using raw = await RawClient.connect(harness.port);
      attack(raw);
      await raw.waitForClose();
      assert.deepEqual(cuts, [reason]);
    });
  }

  test("is cut off: a WebSocket message beyond the largest one of the protocol", async (t) => {
    const harness = await SignalingHarness.start(t, { options: { byteBurst: 1e9 } });
    using raw = await RawClient.connect(harness.port);
    raw.send(new Uint8Array(LIMITS.groupInfoBytes + 1));
    await raw.waitForClose();
  });

  test("is closed when it never presents a handshake", async (t) => {
    const harness = await SignalingHarness.start(t, { options: { connectTimeoutMs: 50 } });
    using raw = await RawClient.connect(harness.port, null);
    await raw.waitForClose();
  });

  test("that does not read is cut off, and the others go on", async (t) => {
    const cuts: CutReason[] = [];
    const harness = await SignalingHarness.start(t, {
      options: {
        backlogBytes: 1_000_000,
        byteBurst: 1e9,
        amplifiedByteBurst: 1e9,
        requestBurst: 1e6,
      },
      metrics: {
        connectionCut: (reason) => cuts.push(reason),
      },
    });
    const roomId = randomId();
    const anna = await harness.join(roomId);
    const ben = await harness.join(roomId);
    const slow = await slowClient(harness.port, roomId);
    await anna.client.waitFor(
      "participant:joined",
      ({ participant }) => participant.participantId === slow.participantId,
    );
    let sent = 0;
    for (; cuts.length === 0 && sent < 1_000; sent += 1) {
      await anna.client.request("group:send", { to: null, message: new Uint8Array(65_536) });
    }
    assert.deepEqual(cuts, ["too-slow"]);
    await ben.client.waitUntil(() => ben.client.toldOf("group:received").length === sent, "all");
    const lost = await ben.client.waitFor("participant:connection");
    assert.deepEqual(lost, { participantId: slow.participantId, connected: false });
    slow.end();
  });
});

/** Joins over a bare TCP socket, and then never reads again. */
async function slowClient(port: number, roomId: string) {
  const participantId = randomId();
  const socket = connect(port, "127.0.0.1");
  socket.write(
    [
      `GET ${SIGNALING_PATH}/?EIO=4&transport=websocket HTTP/1.1`,
      "Host: 127.0.0.1",
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}`,
      "\r\n",
    ].join("\r\n"),
  );
  await readUntil(socket, '0{"sid"');
  socket.write(frame('40{"protocol":1}'));
  await readUntil(socket, '40{"sid"');
  const join = JSON.stringify(["room:join", { roomId, participantId }]);
  socket.write(frame(`421${join}`));
  socket.on("error", () => {});
  return { participantId, end: () => socket.destroy() };
}

/** Reads until the text was there, and no further. */
async function readUntil(socket: Socket, text: string): Promise<void> {
  let all = "";
  await new Promise<void>((resolve) => {
    const read = (chunk: Buffer) => {
      all += chunk.toString("latin1");
      if (!all.includes(text)) return;
      socket.off("data", read);
      resolve();
    };
    socket.on("data", read);
    socket.resume();
  });
  socket.pause();
}

/** A WebSocket text frame with a mask of zeros (RFC 6455 section 5.2). */
function frame(text: string): Buffer {
  const payload = Buffer.from(text);
  assert.ok(payload.length < 65_536);
  const head =
    payload.length < 126
      ? [0x81, 0x80 | payload.length]
      : [0x81, 0x80 | 126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload]);
}

async function rawHttp(port: number, path: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}
