import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { systemClock } from "../../src/lib/clock.ts";
import { createTurnEngine } from "../../src/turn/create-turn-engine.ts";
import { issueCredential } from "../../src/turn/credentials.ts";
import type { TurnEngine } from "../../src/turn/turn-engine.ts";
import type { TurnEngineName, TurnTransport } from "../../src/turn/turn-options.ts";
import type { Chromium } from "../support/chromium-browser.ts";
import { launchChromium } from "../support/chromium-browser.ts";
import { makeCertificate } from "../support/turn-certificate.ts";
import { until } from "../support/turn-lab.ts";
import { secret, turnOptions } from "../support/turn-lab-options.ts";

/** Chromium refreshes an allocation of under two minutes when half of it is over. */
const lifetimeMs = 4_000;
/** Long enough to be dead twice without refreshes. */
const talkMs = 9_000;

const engines = [
  ["builtin", "udp"],
  ["builtin", "tcp"],
  ["builtin", "tls"],
  ["coturn", "udp"],
  ["coturn", "tcp"],
  ["coturn", "tls"],
  ["node-turn", "udp"],
] as const;

// They mostly wait for time to pass, and may well do that together.
describe("two peers talk beyond the lifetime of an allocation", { concurrency: true }, () => {
  let chromium: Chromium;

  before(async () => {
    chromium = await launchChromium({
      flags: ["--allow-loopback-in-peer-connection", "--ignore-certificate-errors"],
    });
  });

  after(() => chromium.close());

  for (const [name, transport] of engines) {
    it(`over ${name} by ${transport}`, async () => {
      const engine = await startEngine(name, transport);
      try {
        const { channels } = await talkThrough(engine, transport, chromium);
        await until(() => engine.stats().gauges.allocations === 0, "Chromium has said goodbye");
        await until(() => {
          const { packetsToClients, packetsFromClients } = engine.stats().totals;
          return packetsToClients > 100 && packetsFromClients > 100;
        }, "what was relayed is counted");
        const { refusals, drops } = engine.stats();
        assert.equal(refusals["no-allocation"], 0, "no refresh came too late");
        assert.equal(drops["queue-full"] + drops.bandwidth + drops.malformed, 0);
        // coturn tells nothing of its channels.
        assert.ok(channels >= 2 || name === "coturn", "data flows by channels");
      } finally {
        await engine.close("the test is over");
      }
    });
  }
});

async function startEngine(engine: TurnEngineName, protocol: TurnTransport): Promise<TurnEngine> {
  const tls = protocol === "tls" ? { tls: await makeCertificate() } : {};
  return createTurnEngine(
    turnOptions({
      engine,
      listeners: [{ protocol, address: "127.0.0.1", port: 0, ...tls }],
      limits: { lifetimeDefaultMs: lifetimeMs, lifetimeMaxMs: lifetimeMs },
    }),
  );
}

async function talkThrough(
  engine: TurnEngine,
  transport: TurnTransport,
  { browser }: Chromium,
): Promise<{ channels: number }> {
  const { listeners } = await engine.start();
  const port = listeners.find(({ protocol }) => protocol === transport)?.port;
  const urls =
    transport === "tls"
      ? `turns:127.0.0.1:${port}?transport=tcp`
      : `turn:127.0.0.1:${port}?transport=${transport}`;
  const options = { secret, id: "tester", lifetimeMs: 600_000 };
  const { username, password: credential } = issueCredential(options, systemClock);
  const page = await browser.newPage();
  let channels = 0;
  const watch = setInterval(() => {
    channels = Math.max(channels, engine.stats().gauges.channels);
  }, 100);
  const talk = await page
    .evaluate(talkOverRelay, { urls, username, credential }, talkMs)
    .finally(() => clearInterval(watch));
  await page.close();
  assert.ok(talk.sent > 50, `${talk.sent} messages were sent`);
  assert.equal(talk.echoed, talk.sent, "each came back");
  assert.deepEqual(talk.candidates, ["relay", "relay"]);
  assert.equal(talk.relayProtocol, transport);
  return { channels };
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
