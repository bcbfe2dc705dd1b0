import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { test } from "node:test";
import { createTurnEngine } from "../../../src/turn/create-turn-engine.ts";
import { RunningService } from "../../support/running-service.ts";
import { childProcesses } from "../../support/turn-child-processes.ts";
import { endpoint } from "../../support/turn-client.ts";
import { EngineLab } from "../../support/turn-engines.ts";
import { makeCertificate } from "../../support/turn-certificate.ts";
import { until } from "../../support/turn-lab.ts";
import { oldSecret, secret, turnOptions } from "../../support/turn-lab-options.ts";

function configOf({ args }: { args: readonly string[] }): string {
  return args[args.indexOf("-c") + 1] ?? "";
}

function onlyCoturn(): { pid: number; args: readonly string[] } {
  const [only, ...others] = childProcesses("turnserver");
  assert.ok(only !== undefined && others.length === 0);
  return only;
}

test("what is not installed is named, with the command that mends it", async () => {
  const engine = createTurnEngine(
    turnOptions({ engine: "coturn", coturnProgram: "/nowhere/turnserver" }),
  );
  await assert.rejects(engine.start(), {
    code: "engine-missing",
    message: /\/nowhere\/turnserver.*apt-get install .*coturn/,
  });
  await engine.close("the test is over");
});

test("its files are ours alone, hold no more than they must, and go when it goes", async (t) => {
  const tls = await makeCertificate();
  const lab = await EngineLab.open(t, "coturn", {
    listeners: [
      { protocol: "udp", address: "127.0.0.1", port: 0 },
      { protocol: "tcp", address: "127.0.0.1", port: 0 },
      { protocol: "tls", address: "127.0.0.1", port: 0, tls },
    ],
  });
  const file = configOf(onlyCoturn());
  const folder = dirname(file);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  for (const name of ["turnserver.conf", "secrets.sqlite", "key.pem", "certificate.pem"]) {
    assert.equal(statSync(`${folder}/${name}`).mode & 0o777, 0o600, name);
  }
  const text = readFileSync(file, "utf8");
  assert.ok(!text.includes(secret) && !text.includes(oldSecret));
  await lab.engine.close("the test is over");
  assert.ok(!existsSync(folder));
  assert.deepEqual(childProcesses("turnserver"), []);
});

test("one that is killed comes back on its ports, and its figures begin where they were", async (t) => {
  const lab = await EngineLab.open(t, "coturn");
  const before = configOf(onlyCoturn());
  assert.ok((await (await lab.client()).allocate()).ok);
  await until(() => lab.engine.stats().gauges.allocations === 1, "it is counted");
  const died = new Promise((resolve) => lab.engine.events.once("engine:died", resolve));
  const restarted = new Promise((resolve) => lab.engine.events.once("engine:restarted", resolve));
  process.kill(onlyCoturn().pid, "SIGKILL");
  assert.deepEqual(await died, { reason: "it was ended by SIGKILL", restartInMs: 100 });
  assert.equal(lab.engine.stats().gauges.allocations, 0);
  assert.deepEqual(await restarted, { listeners: lab.listeners });
  assert.ok(!existsSync(dirname(before)));
  assert.ok((await (await lab.client()).allocate()).ok);
  await until(() => lab.engine.stats().totals.allocationsCreated === 2, "both are counted");
});

test("a port that is taken fails the start", async (t) => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  t.after(() => taken.close());
  const address = taken.address();
  assert.ok(address !== null && typeof address === "object");
  const engine = createTurnEngine(
    turnOptions({
      engine: "coturn",
      listeners: [{ protocol: "tcp", address: "127.0.0.1", port: address.port }],
    }),
  );
  await assert.rejects(engine.start(), { code: "listen-failed", message: /EADDRINUSE/ });
  assert.deepEqual(childProcesses("turnserver"), []);
});

test("closing while it starts leaves no process", async () => {
  const engine = createTurnEngine(turnOptions({ engine: "coturn" }));
  const refused = assert.rejects(engine.start());
  await until(() => childProcesses("turnserver").length === 1, "it was begun");
  await engine.close("not today");
  await refused;
  assert.deepEqual(childProcesses("turnserver"), []);
});

test("ports that differ between addresses are refused", () => {
  const listeners = [
    { protocol: "udp" as const, address: "127.0.0.1", port: 3_478 },
    { protocol: "udp" as const, address: "127.0.0.2", port: 3_479 },
  ];
  assert.throws(() => createTurnEngine(turnOptions({ engine: "coturn", listeners })), {
    code: "engine-unfit",
  });
});

test("what it does is counted", async (t) => {
  const lab = await EngineLab.open(t, "coturn");
  const [client, peer] = [await lab.client(), await lab.peer()];
  await client.allocate();
  await client.permit(peer.endpoint);
  client.sendTo(peer.endpoint, "twelve bytes");
  await peer.received();
  await client.refresh(0);
  await until(() => lab.engine.stats().gauges.allocations === 0, "the allocation is gone");
  const { totals, refusals } = lab.engine.stats();
  assert.equal(totals.allocationsCreated, 1);
  assert.equal(totals.packetsFromClients, 1);
  assert.equal(totals.bytesFromClients, 12);
  assert.equal(refusals.challenge, 1);
});

test("killed without warning, the service takes coturn and its files with it", async () => {
  const service = await RunningService.start({ flags: ["--turn-engine", "coturn"] });
  const { pid } = service.process;
  assert.ok(pid !== undefined);
  const [coturn] = childProcesses("turnserver", pid);
  assert.ok(coturn !== undefined);
  const folder = dirname(configOf(coturn));
  assert.ok(existsSync(folder));
  process.kill(pid, "SIGKILL");
  await service.exit;
  await until(() => !isAlive(coturn.pid), "coturn has ended");
  await until(() => !existsSync(folder), "its files are gone");
});

test("the guard goes when coturn goes, and kills nobody", async (t) => {
  const lab = await EngineLab.open(t, "coturn");
  const folder = dirname(configOf(onlyCoturn()));
  const guards = () => childProcesses("sh").filter(({ args }) => args.includes(folder));
  await until(() => guards().length === 1, "there is one guard");
  await lab.engine.close("the test is over");
  await until(() => guards().length === 0, "it is gone");
});

test("its connections and the peers that it refuses are counted", async (t) => {
  const lab = await EngineLab.open(t, "coturn", {
    listeners: [{ protocol: "tcp", address: "127.0.0.1", port: 0 }],
  });
  const client = await lab.client();
  await client.allocate();
  await until(() => lab.engine.stats().gauges.connections === 1, "the connection is counted");
  assert.equal((await client.permit(endpoint("169.254.169.254", 80))).code, 403);
  await until(() => lab.engine.stats().peerRefusals["link-local"] === 1, "so is the refusal");
  client.close();
  await until(() => lab.engine.stats().gauges.connections === 0, "and the end");
});

/** A zombie is dead, though nobody has buried it. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
