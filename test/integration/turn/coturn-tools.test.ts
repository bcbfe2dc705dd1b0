import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import type { TurnTransport } from "../../../src/turn/turn-options.ts";
import { makeCertificate } from "../../support/turn-certificate.ts";
import { EngineLab } from "../../support/turn-engines.ts";
import { secret } from "../../support/turn-lab-options.ts";

const run = promisify(execFile);

interface ToolRun {
  readonly name: string;
  readonly transport: TurnTransport;
  readonly flags: readonly string[];
  /** The tool reads TLS so that it misses messages of any server; then the engine's count decides. */
  readonly toolMisses?: true;
}

const messages = 10;
const clients = 2;

/** Client to client (-y); without -c each takes an even port and reserves the next, too. */
const runs: readonly ToolRun[] = [
  { name: "channels over UDP", transport: "udp", flags: ["-y", "-c"] },
  { name: "Send over UDP", transport: "udp", flags: ["-y", "-c", "-s"] },
  { name: "an even port and a reservation over UDP", transport: "udp", flags: ["-y"] },
  { name: "channels over TCP", transport: "tcp", flags: ["-y", "-c", "-t"] },
  {
    name: "channels over TLS",
    transport: "tls",
    flags: ["-y", "-c", "-t", "-S"],
    toolMisses: true,
  },
];

describe("coturn's own client against builtin", { concurrency: true }, () => {
  for (const { name, transport, flags, toolMisses } of runs) {
    test(name, async (t) => {
      const lab = await openLab(t, transport);
      const { port } = lab.listener();
      const load = ["-n", String(messages), "-m", String(clients), "-l", "200", "-z", "20"];
      const args = [...flags, ...load, "-u", "tool", "-W", secret, "-p", String(port), "127.0.0.1"];
      const { stdout } = await run("turnutils_uclient", args, { timeout: 30_000 });
      const sent = Number(
        /tot_send_msgs=(\d+), tot_recv_msgs=\d+\n.*\n.*transmit/.exec(stdout)?.[1],
      );
      assert.ok(sent >= messages * clients, stdout);
      if (toolMisses !== true) assert.match(stdout, /Total lost packets 0 /);
      const { totals, refusals, drops } = lab.engine.stats();
      // Each message passes twice, there and back, and each time in both directions of the relay.
      assert.ok(totals.packetsToClients >= sent, `${totals.packetsToClients} of ${sent}`);
      assert.deepEqual(
        Object.values({ ...refusals, challenge: 0 }).filter((count) => count > 0),
        [],
      );
      assert.equal(drops.bandwidth + drops["queue-full"] + drops.malformed + drops.fault, 0);
    });
  }

  test("a STUN client learns its address", async (t) => {
    const lab = await openLab(t, "udp");
    const args = ["-p", String(lab.listener().port), "127.0.0.1"];
    const { stdout } = await run("turnutils_stunclient", args, { timeout: 10_000 });
    assert.match(stdout, /UDP reflexive addr: 127\.0\.0\.1:\d+/);
  });
});

async function openLab(
  t: Parameters<typeof EngineLab.open>[0],
  protocol: TurnTransport,
): Promise<EngineLab> {
  const tls = protocol === "tls" ? { tls: await makeCertificate() } : {};
  return EngineLab.open(t, "builtin", {
    listeners: [{ protocol, address: "127.0.0.1", port: 0, ...tls }],
  });
}
