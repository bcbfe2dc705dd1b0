import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { describe, it } from "node:test";
import { projectRoot } from "../../../scripts/setup/project.mjs";
import { until } from "../../support/sfu-lab.ts";

const HAND_OVER = new URL("../../../scripts/setup/hand-over.mjs", import.meta.url);
const PORTS = ["--http-port", "0", "--admin-port", "0", "--sfu-port", "0", "--turn-port", "0"];

/** As `npm start` does, on free ports. */
const launcher = `
  import { handOver } from ${JSON.stringify(HAND_OVER.href)};
  const setup = { node: process.execPath, workerBin: process.env.MEDIASOUP_WORKER_BIN };
  process.exitCode = await handOver(setup, ["src/cli/main.ts", "serve", ...${JSON.stringify(PORTS)}]);
`;

/** @returns the address of health and metrics, as a service's log tells it */
async function adminAddress(log: Readable): Promise<string> {
  for await (const line of createInterface({ input: log })) {
    const address = /"admin":"([^"]+)"/.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  return assert.fail("it told no address");
}

async function isServed(address: string): Promise<boolean> {
  const response = await fetch(`${address}/livez`).catch(() => undefined);
  return response?.ok === true;
}

describe("a service whose launcher is killed", () => {
  it("ends too", async () => {
    const child = spawn(process.execPath, ["--input-type=module", "--eval", launcher], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const exited = new Promise((resolve) => child.once("exit", resolve));
    try {
      const address = await adminAddress(child.stderr);
      assert.ok(await isServed(address));
      child.kill("SIGKILL");
      await exited;
      await until("it is gone", async () => !(await isServed(address)));
    } finally {
      child.kill();
    }
  });
});

describe("a service whose `npm start` is asked to end", () => {
  it("ends too, although npm starts it through a shell, which passes no signal on", async () => {
    const child = spawn("npm", ["start", "--", ...PORTS], {
      cwd: projectRoot,
      stdio: ["ignore", "ignore", "pipe"],
    });
    try {
      const address = await adminAddress(child.stderr);
      assert.ok(await isServed(address));
      child.kill("SIGTERM");
      await until("it is gone", async () => !(await isServed(address)));
    } finally {
      child.kill();
    }
  });
});
