import assert from "node:assert/strict";
import { test } from "node:test";
import { attribute, method, udpProtocol } from "../../../src/turn/wire/stun.ts";
import { endpoint } from "../../support/turn-client.ts";
import { MemoryLink, succeeded, TurnCoreLab } from "../../support/turn-core-lab.ts";

test("an error on one packet is counted and told, and ends nothing", () => {
  const lab = new TurnCoreLab();
  const link = new MemoryLink(5_000);
  lab.ask(link, "alice", method.allocate, (writer) =>
    writer.uint32(attribute.requestedTransport, udpProtocol << 24),
  );
  lab.ask(link, "alice", method.channelBind, (writer) =>
    writer
      .uint32(attribute.channelNumber, 0x40000000)
      .address(attribute.xorPeerAddress, endpoint("127.0.0.1", 9)),
  );
  assert.ok(succeeded(link));
  const data = Buffer.from("4000000461626364", "hex");
  lab.network.broken = true;
  for (let sent = 0; sent < 3; sent += 1) lab.say(link, data);
  assert.equal(lab.counters.snapshot().drops.fault, 3);
  assert.equal(lab.faults.length, 1, "told once a second");
  lab.clock.advance(1_000);
  lab.say(link, data);
  assert.equal(lab.faults.length, 2);
  lab.network.broken = false;
  lab.say(link, data);
  assert.equal(lab.network.sent, 1);
  lab.core.close("the test is over");
});
