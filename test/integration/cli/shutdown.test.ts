import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ProtocolClient } from "../../support/protocol-client.ts";
import { RunningService } from "../../support/running-service.ts";

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function workerPid(service: RunningService): Promise<number> {
  return Number((await service.said("media worker started")).pid);
}

async function untilTold(client: ProtocolClient, service: RunningService): Promise<void> {
  await service.until(() => client.told.includes("server:closing") || undefined, "server:closing");
}

describe("SIGTERM and SIGINT", () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`${signal}: clients are told, everything closes, the exit code is 0`, async () => {
      const service = await RunningService.start({
        flags: ["--shutdown-reconnect-after-ms", "3210", "--signaling-close-flush-ms", "500"],
      });
      const worker = await workerPid(service);
      const client = await ProtocolClient.connect(service.origin);
      service.process.kill(signal);
      await untilTold(client, service);

      const ready = await fetch(`${service.adminOrigin}/readyz`);
      assert.equal(ready.status, 503);
      assert.partialDeepStrictEqual(await ready.json(), { checks: { service: "closing" } });
      assert.equal((await fetch(`${service.adminOrigin}/livez`)).status, 200);

      assert.deepEqual(await service.exit, { code: 0, signal: null });
      assert.equal(client.socket.connected, false);
      assert.equal(isAlive(worker), false);
      assert.deepEqual(client.violations, []);
      client.socket.disconnect();
    });
  }

  it("a second one ends the process at once", async () => {
    const service = await RunningService.start({
      flags: ["--signaling-close-flush-ms", "60000", "--shutdown-timeout-ms", "60000"],
    });
    const worker = await workerPid(service);
    const client = await ProtocolClient.connect(service.origin);
    service.process.kill("SIGTERM");
    await untilTold(client, service);
    service.process.kill("SIGTERM");
    assert.deepEqual(await service.exit, { code: 143, signal: null });
    await service.until(() => !isAlive(worker) || undefined, "end of the worker");
    client.socket.disconnect();
  });

  it("an end that takes too long is cut short, with exit code 1", async () => {
    const service = await RunningService.start({
      flags: ["--signaling-close-flush-ms", "60000", "--shutdown-timeout-ms", "200"],
    });
    const client = await ProtocolClient.connect(service.origin);
    service.process.kill("SIGTERM");
    assert.equal((await service.exit).code, 1);
    await service.said("not everything closed in time");
    client.socket.disconnect();
  });

  it("during the start they end it in order too", async () => {
    const service = RunningService.spawn();
    await service.said("media worker started");
    service.process.kill("SIGTERM");
    assert.equal((await service.exit).code, 0);
  });
});

it("SIGUSR1 does not open the inspector", async () => {
  const service = await RunningService.start();
  service.process.kill("SIGUSR1");
  await service.said("SIGUSR1 passed over: the inspector stays shut");
  assert.doesNotMatch(service.stderr, /Debugger listening/);
  assert.equal(await service.stop(), 0);
});

describe("a crash", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "aparte-crash-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const token = "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5";
  for (const [what, code] of [
    ["uncaughtException", `throw new Error("broken by ${token} from 203.0.113.77");`],
    ["unhandledRejection", `void Promise.reject(new Error("broken by ${token}"));`],
  ] as const) {
    it(`${what}: logged without what it quotes, clients told, exit code 1`, async () => {
      const preload = join(folder, `${what}.mjs`);
      writeFileSync(preload, `process.on("SIGUSR2", () => { ${code} });`);
      const service = await RunningService.start({ nodeFlags: ["--import", preload] });
      const client = await ProtocolClient.connect(service.origin);
      service.process.kill("SIGUSR2");
      await untilTold(client, service);
      assert.deepEqual(await service.exit, { code: 1, signal: null });
      const line = await service.said("crashed");
      assert.equal(line.level, "fatal");
      assert.equal(line.crash, what);
      assert.match(String(line.error), /broken by \[redacted\]/);
      assert.equal(service.stderr.includes(token), false);
      assert.equal(service.stderr.includes("203.0.113.77"), false);
      client.socket.disconnect();
    });
  }
});
