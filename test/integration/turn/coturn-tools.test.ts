import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import type { TurnTransport } from "../../../src/turn/turn-options.ts";
import type { RequestRefusal } from "../../../src/turn/turn-stats.ts";
import { makeCertificate } from "../../support/turn-certificate.ts";
import { EngineLab } from "../../support/turn-engines.ts";
import { relayPorts, secret } from "../../support/turn-lab-options.ts";

const run = promisify(execFile);

interface ToolRun {
  readonly name: string;
  readonly transport: TurnTransport;
  readonly flags: readonly string[];
  readonly clients?: number;
  readonly family?: 6;
  /** Refusals that the tool provokes; none of any other kind is expected. */
  readonly provokes?: RequestRefusal;
}

const messages = 10;

/** Client to client (-y); without -c each takes an even port and reserves the next, too. */
const runs: readonly ToolRun[] = [
  { name: "channels over UDP", transport: "udp", flags: ["-c"] },
  { name: "channels over TCP", transport: "tcp", flags: ["-c", "-t"] },
  { name: "channels over TLS", transport: "tls", flags: ["-c", "-t", "-S"] },
  { name: "Send over UDP", transport: "udp", flags: ["-c", "-s"] },
  { name: "Send over TCP", transport: "tcp", flags: ["-c", "-s", "-t"] },
  { name: "Send over TLS", transport: "tls", flags: ["-c", "-s", "-t", "-S"] },
  { name: "EVEN-PORT and reservations over UDP", transport: "udp", flags: [] },
  { name: "EVEN-PORT and reservations over TCP", transport: "tcp", flags: ["-t"] },
  { name: "EVEN-PORT and reservations over TLS", transport: "tls", flags: ["-t", "-S"] },
  { name: "IPv6 over UDP", transport: "udp", flags: ["-c", "-x"], family: 6 },
  { name: "IPv6 over TCP", transport: "tcp", flags: ["-c", "-x", "-t"], family: 6 },
  {
    name: "more requests than are needed, for foreign peers too",
    transport: "udp",
    flags: ["-c", "-G"],
    provokes: "peer-denied",
  },
  { name: "many allocations", transport: "udp", flags: ["-c"], clients: 60 },
];

describe("coturn's own client against builtin", { concurrency: true }, () => {
  for (const { name, transport, flags, clients = 2, family, provokes } of runs) {
    test(name, async (t) => {
      const lab = await openLab(t, transport, family);
      const { address, port } = lab.listener();
      const load = ["-n", String(messages), "-m", String(clients), "-l", "200", "-z", "20"];
      const account = ["-u", "tool", "-W", secret];
      const args = ["-y", "-v", ...flags, ...load, ...account, "-p", String(port), address];
      const { stdout } = await run("turnutils_uclient", args, {
        timeout: 120_000,
        maxBuffer: 64 * 1024 * 1024,
      });
      const sent = Number(
        /tot_send_msgs=(\d+), tot_recv_msgs=\d+\n.*\n.*transmit/.exec(stdout)?.[1],
      );
      assert.ok(sent >= messages * clients, stdout.slice(-2_000));
      // Under load the tool reads TLS so that it misses messages of any server: there the count decides.
      if (transport !== "tls") assert.match(stdout, /Total lost packets 0 /);
      const { totals, refusals, drops } = lab.engine.stats();
      assert.ok(totals.packetsToClients >= sent, `${totals.packetsToClients} of ${sent}`);
      // It refreshes each allocation that it was given.
      const refreshes = stdout.match(/refresh response received: \n.*success/g)?.length ?? 0;
      assert.ok(refreshes >= clients, `${refreshes} refreshes`);
      assert.ok(totals.allocationsCreated >= clients);
      const unexpected = Object.entries(refusals).filter(
        ([reason, count]) => count > 0 && reason !== "challenge" && reason !== provokes,
      );
      assert.deepEqual(unexpected, []);
      assert.equal(drops.bandwidth + drops["queue-full"] + drops.malformed + drops.fault, 0);
    });
  }

  test("a STUN client learns its address", async (t) => {
    const lab = await openLab(t, "udp");
    const args = ["-p", String(lab.listener().port), "127.0.0.1"];
    const { stdout } = await run("turnutils_stunclient", args, { timeout: 20_000 });
    assert.match(stdout, /UDP reflexive addr: 127\.0\.0\.1:\d+/);
  });
});

async function openLab(
  t: Parameters<typeof EngineLab.open>[0],
  protocol: TurnTransport,
  family: 4 | 6 = 4,
): Promise<EngineLab> {
  const tls = protocol === "tls" ? { tls: await makeCertificate() } : {};
  const address = family === 6 ? "::1" : "127.0.0.1";
  return EngineLab.open(t, "builtin", {
    listeners: [{ protocol, address, port: 0, ...tls }],
    relay: { addresses: [{ address }], ports: relayPorts() },
    peers: { allowed: [{ range: address }], denied: [], others: "refuse" },
    limits: { allocationsPerCredential: 200 },
  });
}
