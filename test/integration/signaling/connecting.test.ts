import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ErrorCode } from "../../../src/protocol/index.ts";
import { connectRefusal, PROTOCOL_VERSION } from "../../../src/protocol/index.ts";
import type { RefusedConnection } from "../../../src/signaling/signaling-metrics.ts";
import type { ProtocolClientOptions } from "../../support/protocol-client.ts";
import { randomId } from "../../support/protocol-client.ts";
import { refusedWith, SignalingHarness } from "../../support/signaling-harness.ts";
import { ManualClock } from "../../support/manual-clock.ts";

async function refusalOf(
  harness: SignalingHarness,
  options?: ProtocolClientOptions,
): Promise<string | undefined> {
  try {
    await harness.connect(options);
  } catch (error) {
    assert.ok(error instanceof Error);
    return "data" in error ? connectRefusal.parse(error.data).code : "no answer";
  }
  return undefined;
}

describe("connecting", () => {
  const wrong: [string, Record<string, unknown>, ErrorCode][] = [
    ["an older protocol", { protocol: PROTOCOL_VERSION + 1 }, "protocol-unsupported"],
    ["no handshake", {}, "bad-request"],
    ["an extra field", { protocol: PROTOCOL_VERSION, token: "x" }, "bad-request"],
    ["a text for a number", { protocol: "1" }, "bad-request"],
  ];
  for (const [what, auth, code] of wrong) {
    test(`with ${what} is refused with ${code}`, async (t) => {
      const harness = await SignalingHarness.start(t);
      assert.equal(await refusalOf(harness, { auth }), code);
      assert.equal(harness.server.connectionCount, 0);
    });
  }

  test("is for pages of the same origin and of those that are allowed", async (t) => {
    const refused: RefusedConnection[] = [];
    const harness = await SignalingHarness.start(t, {
      options: { allowedOrigins: ["https://meet.example"] },
      metrics: { connectionRefused: (reason) => refused.push(reason) },
    });
    for (const origin of [harness.url, "https://meet.example"]) {
      assert.equal(await refusalOf(harness, { headers: { origin } }), undefined, origin);
    }
    for (const origin of ["https://evil.example", "null", "http://127.0.0.1"]) {
      assert.equal(await refusalOf(harness, { headers: { origin } }), "no answer", origin);
    }
    assert.deepEqual(refused, ["origin", "origin", "origin"]);
  });

  test("is limited for each address, and possible again after one has gone", async (t) => {
    const harness = await SignalingHarness.start(t, { options: { connectionsPerAddress: 2 } });
    const first = await harness.connect();
    await harness.connect();
    assert.equal(await refusalOf(harness), "rate-limited");
    first.close();
    for (;;) if ((await refusalOf(harness)) === undefined) break;
  });

  test("behind a proxy counts by the address that the proxy tells", async (t) => {
    const harness = await SignalingHarness.start(t, {
      options: { connectionsPerAddress: 1, trustedProxies: 1 },
    });
    const from = (address: string) => ({ headers: { "x-forwarded-for": `6.6.6.6, ${address}` } });
    assert.equal(await refusalOf(harness, from("192.0.2.1")), undefined);
    assert.equal(await refusalOf(harness, from("192.0.2.2")), undefined);
    assert.equal(await refusalOf(harness, from("192.0.2.1")), "rate-limited");
    assert.equal(await refusalOf(harness, from("2001:db8::1")), undefined);
    assert.equal(await refusalOf(harness, from("2001:db8:0:0:5::9")), "rate-limited");
  });
});

describe("a server that closes", () => {
  test("tells its clients when to come back, and ends their connections", async (t) => {
    const left: string[] = [];
    const harness = await SignalingHarness.start(t, {
      options: { reconnectAfterMs: 1_234 },
      metrics: { participantLeft: (reason) => left.push(reason) },
    });
    const roomId = randomId();
    const anna = await harness.join(roomId);
    const ben = await harness.join(roomId);
    await anna.client.request("transport:create", { direction: "send" });
    await harness.server.close("test");
    for (const { client } of [anna, ben]) {
      assert.deepEqual(await client.waitFor("server:closing"), { reconnectAfterMs: 1_234 });
      await client.waitForDisconnect();
      assert.deepEqual(client.toldOf("participant:left"), []);
    }
    assert.deepEqual(left, ["server-closed", "server-closed"]);
    assert.equal(harness.sfu.transports.size, 0);
    assert.equal(harness.sfu.listeners, 0);
    assert.equal(harness.server.roomCount, 0);
    await harness.server.close("once more");
  });

  test("refuses newcomers while it drains, and lets the others go on", async (t) => {
    const harness = await SignalingHarness.start(t);
    const roomId = randomId();
    const anna = await harness.join(roomId);
    const ben = await harness.join(roomId);
    const connected = await harness.connect();
    harness.server.drain();
    assert.equal(await refusalOf(harness), "server-closing");
    await assert.rejects(
      connected.request("room:join", { roomId, participantId: randomId() }),
      refusedWith("server-closing"),
    );
    await anna.client.request("group:send", { to: null, message: Uint8Array.of(1) });
    await ben.client.waitFor("group:received");
  });

  test("leaves no timer behind, not even of participants whose connection was lost", async (t) => {
    const clock = new ManualClock();
    const harness = await SignalingHarness.start(t, { clock });
    const roomId = randomId();
    const anna = await harness.join(roomId);
    const ben = await harness.join(roomId);
    ben.client.drop();
    await anna.client.waitFor("participant:connection");
    assert.equal(clock.pending, 1);
    await harness.close();
    assert.equal(clock.pending, 0);
  });
});
