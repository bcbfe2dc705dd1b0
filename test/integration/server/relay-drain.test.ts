import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "../../../src/lib/clock.ts";
import { issueCredential } from "../../../src/turn/credentials.ts";
import { freePort } from "../../support/free-port.ts";
import { RunningService } from "../../support/running-service.ts";
import { TurnClient } from "../../support/turn-client.ts";
import { relayPorts } from "../../support/turn-lab-options.ts";

const secret = "a-secret-that-signaling-shares-with-its-relays";

/** A relay on a machine of its own, which is asked to end while somebody is relayed. */
async function startRelay(drainMs: number) {
  const port = await freePort();
  const { min, max } = relayPorts();
  const service = await RunningService.start({
    flags: [
      ...["--roles", "turn", "--turn-port", String(port), "--turn-drain-ms", String(drainMs)],
      ...["--turn-addresses", "127.0.0.1", "--turn-relay-addresses", "127.0.0.1"],
      ...["--turn-relay-port-min", String(min), "--turn-relay-port-max", String(max)],
    ],
    environment: { APARTE_TURN_SECRETS: secret },
  });
  const client = () => {
    const credential = issueCredential({ secret, id: "tester", lifetimeMs: 60_000 }, systemClock);
    return TurnClient.connect({ protocol: "udp", address: "127.0.0.1", port }, credential);
  };
  const relayed = await client();
  assert.equal((await relayed.allocate()).code, 0);
  return { service, client, relayed };
}

describe("a relay that stands alone, asked to end", () => {
  it("carries on what it carries, takes nobody new, and ends with the last one", async () => {
    const { service, client, relayed } = await startRelay(60_000);
    const newcomer = await client();
    try {
      service.process.kill("SIGTERM");
      await service.said("relay drains");
      assert.equal((await newcomer.allocate()).code, 508);
      assert.equal((await relayed.refresh(600)).code, 0);
      const ready = await fetch(`${service.adminOrigin}/readyz`);
      assert.equal(ready.status, 503);
      assert.match(await ready.text(), /"draining"/);
      assert.equal((await relayed.refresh(0)).code, 0);
      assert.deepEqual(await service.exit, { code: 0, signal: null });
      assert.equal((await service.said("relay drained"))["remaining"], 0);
    } finally {
      relayed.close();
      newcomer.close();
      service.process.kill("SIGKILL");
    }
  });

  it("waits no longer than it was told to", async () => {
    const { service, relayed } = await startRelay(100);
    try {
      service.process.kill("SIGTERM");
      assert.deepEqual(await service.exit, { code: 0, signal: null });
      assert.equal((await service.said("relay drained"))["remaining"], 1);
    } finally {
      relayed.close();
      service.process.kill("SIGKILL");
    }
  });
});
