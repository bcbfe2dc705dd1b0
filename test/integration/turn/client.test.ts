import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { TurnClient } from "../../../src/turn/client/turn-client.ts";
import { ownAddress } from "../../../src/turn/client/own-address.ts";
import { formatAddress } from "../../../src/turn/ip/address.ts";
import type { TurnTransport } from "../../../src/turn/turn-options.ts";
import { turnEngineNames, turnTransports } from "../../../src/turn/turn-options.ts";
import { freePort } from "../../support/free-port.ts";
import { makeCertificate } from "../../support/turn-certificate.ts";
import { EngineLab } from "../../support/turn-engines.ts";
import { TurnLab } from "../../support/turn-lab.ts";
import { relayPorts } from "../../support/turn-lab-options.ts";

const timeoutMs = 5_000;
type Test = Parameters<typeof EngineLab.open>[0];

async function labOver(
  t: Test,
  engine: (typeof turnEngineNames)[number],
  protocol: TurnTransport,
): Promise<EngineLab> {
  const tls = protocol === "tls" ? { tls: await makeCertificate() } : {};
  const listeners = [{ protocol, address: "127.0.0.1", port: 0, ...tls }];
  return EngineLab.open(t, engine, { listeners });
}

async function clientOf(t: Test, lab: EngineLab, account = lab.credential()): Promise<TurnClient> {
  const { protocol, address, port } = lab.listener();
  const target = { transport: protocol, host: address, port };
  const client = await TurnClient.open(target, account, timeoutMs);
  t.after(() => client.close("the test is over"));
  return client;
}

for (const engine of turnEngineNames) {
  for (const transport of turnTransports) {
    test(`our client against ${engine} over ${transport}`, async (t) => {
      const lab = await labOver(t, engine, transport);
      const client = await clientOf(t, lab);
      assert.equal(client.certificateProblem !== undefined, transport === "tls");
      const { relayed, mapped, lifetimeS } = await client.allocate();
      assert.equal(formatAddress(mapped), "127.0.0.1");
      assert.ok(lifetimeS >= 600);
      const peer = await lab.peer();
      const got: { data: string; channel: number | undefined }[] = [];
      client.onData(({ data, channel }) => got.push({ data: String(data), channel }));
      await client.permit(peer.endpoint);
      client.sendTo(peer.endpoint, Buffer.from("by Send"));
      assert.equal(await peer.received(), "by Send");
      peer.send("in Data", relayed.port);
      while (got.length < 1) await delay(2);
      await client.bind(0x4000, peer.endpoint);
      client.sendChannel(0x4000, Buffer.from("by channel"));
      assert.equal(await peer.received(), "by channel");
      peer.send("back", relayed.port);
      while (got.length < 2) await delay(2);
      assert.deepEqual(got, [
        { data: "in Data", channel: undefined },
        { data: "back", channel: 0x4000 },
      ]);
      await client.refresh(600);
      await client.leave();
      while (lab.engine.stats().gauges.allocations > 0) await delay(2);
    });
  }
}

for (const engine of ["builtin", "coturn"] as const) {
  for (const transport of turnTransports) {
    test(`IPv6 on both sides of ${engine}, over ${transport}`, async (t) => {
      const tls = transport === "tls" ? { tls: await makeCertificate() } : {};
      const lab = await EngineLab.open(t, engine, {
        listeners: [{ protocol: transport, address: "::1", port: 0, ...tls }],
        relay: { addresses: [{ address: "::1" }], ports: relayPorts() },
        peers: { allowed: [{ range: "::1" }], denied: [], others: "refuse" },
      });
      const client = await clientOf(t, lab);
      const { relayed, mapped } = await client.allocate(6);
      assert.deepEqual([formatAddress(relayed), formatAddress(mapped)], ["::1", "::1"]);
      const peer = await lab.peer("::1");
      const got = new Promise<string>((resolve) => {
        client.onData(({ data }) => {
          resolve(String(data));
        });
      });
      await client.bind(0x4000, peer.endpoint);
      client.sendChannel(0x4000, Buffer.from("six"));
      assert.equal(await peer.received(), "six");
      peer.send("back", relayed.port, "::1");
      assert.equal(await got, "back");
    });
  }
}

test("a nonce that is stale is changed without a word", async (t) => {
  const lab = await TurnLab.open(t, { limits: { nonceLifetimeMs: 60_000 } });
  const { address, port } = lab.listener();
  const target = { transport: "udp" as const, host: address, port };
  const client = await TurnClient.open(target, lab.credential(), timeoutMs);
  t.after(() => client.close("the test is over"));
  await client.allocate();
  lab.clock.advance(62_000);
  await client.refresh(600);
  assert.equal(lab.counters.snapshot().refusals["stale-nonce"], 1);
});

test("refusals carry their numbers", async (t) => {
  const lab = await EngineLab.open(t, "builtin", {
    peers: { allowed: [], denied: [], others: "refuse" },
  });
  const forged = { ...lab.credential(), password: "guessed" };
  await assert.rejects((await clientOf(t, lab, forged)).allocate(), {
    code: "refused",
    stunCode: 401,
  });
  const client = await clientOf(t, lab);
  await assert.rejects(client.allocate(6), { code: "refused", stunCode: 440 });
  await client.allocate();
  const peer = await lab.peer();
  await assert.rejects(client.permit(peer.endpoint), { code: "refused", stunCode: 403 });
});

test("who is not there, does not answer, or hangs up", async (t) => {
  const port = await freePort();
  const account = { username: "1:a", password: "b" };
  const open = (target: { transport: TurnTransport; host: string; port: number }, ms: number) =>
    TurnClient.open(target, account, ms);
  await assert.rejects(open({ transport: "tcp", host: "127.0.0.1", port }, timeoutMs), {
    code: "unreachable",
    message: "ECONNREFUSED",
  });
  await assert.rejects(open({ transport: "udp", host: "no-such-host.invalid", port }, timeoutMs), {
    code: "unreachable",
  });
  const silent = createSocket("udp4").bind(0, "127.0.0.1");
  await once(silent, "listening");
  t.after(() => silent.close());
  const deaf = { transport: "udp" as const, host: "127.0.0.1", port: silent.address().port };
  const client = await open(deaf, 700);
  let asked = 0;
  silent.on("message", () => (asked += 1));
  await assert.rejects(client.allocate(), { code: "timed-out" });
  assert.equal(asked, 2, "a request that is lost is sent again");
  client.close("enough");
  await assert.rejects(client.refresh(0), { code: "closed" });
});

test("a machine learns its own address", async (t) => {
  const lab = await EngineLab.open(t, "builtin");
  const { address, port } = lab.listener();
  const seen = await ownAddress({ transport: "udp", host: address, port }, timeoutMs);
  assert.equal(formatAddress(seen), "127.0.0.1");
});
