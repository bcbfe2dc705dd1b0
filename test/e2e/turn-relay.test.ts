import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { systemClock } from "../../src/lib/clock.ts";
import { createTurnEngine } from "../../src/turn/create-turn-engine.ts";
import { issueCredential } from "../../src/turn/credentials.ts";
import type { Chromium } from "../support/chromium-browser.ts";
import { launchChromium } from "../support/chromium-browser.ts";
import { secret, turnOptions, until } from "../support/turn-lab.ts";

/** Chromium refreshes an allocation of under two minutes when half of it is over. */
const lifetimeMs = 4_000;
/** Long enough to be dead twice without refreshes. */
const talkMs = 9_000;

let chromium: Chromium;

before(async () => {
  chromium = await launchChromium({ flags: ["--allow-loopback-in-peer-connection"] });
});

after(() => chromium.close());

for (const [name, transport] of [
  ["builtin", "udp"],
  ["builtin", "tcp"],
  ["node-turn", "udp"],
] as const) {
  test(`two peers talk over ${name} by ${transport}, beyond the lifetime of an allocation`, async () => {
    const engine = createTurnEngine(
      turnOptions({
        engine: name,
        listeners: [{ protocol: transport, address: "127.0.0.1", port: 0 }],
        limits: { lifetimeDefaultMs: lifetimeMs, lifetimeMaxMs: lifetimeMs },
      }),
    );
    try {
      const { listeners } = await engine.start();
      const url = `turn:127.0.0.1:${listeners[0]?.port}?transport=${transport}`;
      const options = { secret, id: "tester", lifetimeMs: 600_000 };
      const { username, password } = issueCredential(options, systemClock);
      const server = { urls: url, username, credential: password };
      const page = await chromium.browser.newPage();
      let channels = 0;
      const watch = setInterval(() => {
        channels = Math.max(channels, engine.stats().gauges.channels);
      }, 100);
      const talk = await page
        .evaluate(talkOverRelay, server, talkMs)
        .finally(() => clearInterval(watch));
      assert.ok(talk.sent > 50, `${talk.sent} messages were sent`);
      assert.equal(talk.echoed, talk.sent, "each came back");
      assert.deepEqual(talk.candidates, ["relay", "relay"]);
      assert.equal(talk.relayProtocol, transport);
      const { totals, refusals, drops } = engine.stats();
      assert.ok(totals.packetsToClients > talk.sent && totals.packetsFromClients > talk.sent);
      assert.ok(channels >= 2, "data flows by channels");
      assert.equal(refusals["no-allocation"], 0, "no refresh came too late");
      assert.equal(drops["queue-full"] + drops.bandwidth + drops.malformed, 0);
      await until(() => engine.stats().gauges.allocations === 0, "Chromium has said goodbye");
      await page.close();
    } finally {
      await engine.close("the test is over");
    }
  });
}

/** Runs in the page: two peer connections that may use relayed candidates only. */
async function talkOverRelay(server: RTCIceServer, durationMs: number) {
  const configuration: RTCConfiguration = { iceServers: [server], iceTransportPolicy: "relay" };
  const one = new RTCPeerConnection(configuration);
  const other = new RTCPeerConnection(configuration);
  one.addEventListener("icecandidate", ({ candidate }) => void other.addIceCandidate(candidate));
  other.addEventListener("icecandidate", ({ candidate }) => void one.addIceCandidate(candidate));
  other.addEventListener("datachannel", ({ channel }) => {
    channel.addEventListener("message", ({ data }) => channel.send(String(data)));
  });
  const channel = one.createDataChannel("talk");
  const count = { sent: 0, echoed: 0 };
  channel.addEventListener("message", () => (count.echoed += 1));
  const opened = new Promise((resolve, reject) => {
    channel.addEventListener("open", resolve);
    setTimeout(() => reject(new Error(`no channel: ICE is ${one.iceConnectionState}`)), 15_000);
  });
  await one.setLocalDescription();
  if (one.localDescription !== null) await other.setRemoteDescription(one.localDescription);
  await other.setLocalDescription();
  if (other.localDescription !== null) await one.setRemoteDescription(other.localDescription);
  await opened;
  const endsAt = performance.now() + durationMs;
  while (performance.now() < endsAt) {
    channel.send(`message ${count.sent}`);
    count.sent += 1;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (let waited = 0; count.echoed < count.sent && waited < 50; waited += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const pair = one.sctp?.transport.iceTransport.getSelectedCandidatePair();
  const candidates = [pair?.local?.type, pair?.remote?.type];
  let relayProtocol: unknown;
  for (const entry of (await one.getStats()).values()) {
    if (entry.type === "local-candidate") relayProtocol = entry.relayProtocol;
  }
  one.close();
  other.close();
  return { ...count, candidates, relayProtocol };
}
