import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const NEEDS =
  "This test needs a network of its own: Linux with unshare (util-linux), ip (iproute2) and nft " +
  "(nftables), and root, or else a system on which users may make namespaces " +
  "(sysctl kernel.unprivileged_userns_clone=1, or kernel.apparmor_restrict_unprivileged_userns=0).";

/**
 * Runs a script of the tests in a network namespace that has nothing but a loopback of its own, so
 * that a firewall there is nobody else's. Resolves with the JSON lines that the script prints.
 */
export async function runInOwnNetwork(
  script: URL,
  args: readonly string[] = [],
): Promise<unknown[]> {
  const asRoot = await mayUnshare([]);
  const identity = asRoot ? [] : ["--user", "--map-root-user"];
  if (!asRoot) assert.ok(await mayUnshare(identity), NEEDS);
  const child = spawn(
    "unshare",
    [...identity, "--net", "--kill-child", process.execPath, fileURLToPath(script), ...args],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const complaints = text(child.stderr);
  const said: unknown[] = [];
  createInterface(child.stdout).on("line", (line) => said.push(JSON.parse(line)));
  const [code]: unknown[] = await once(child, "close");
  assert.equal(code, 0, await complaints);
  return said;
}

/** What a firewall needs, and a namespace in which it may be set up. */
async function mayUnshare(identity: readonly string[]): Promise<boolean> {
  const tried = "ip link set lo up && nft add table inet tried";
  const child = spawn("unshare", [...identity, "--net", "sh", "-c", tried], { stdio: "ignore" });
  return new Promise((resolve) => {
    child.once("error", () => {
      resolve(false);
    });
    child.once("close", (code) => {
      resolve(code === 0);
    });
  });
}

/** Inside of such a network. */
export async function bringUpLoopback(): Promise<void> {
  await runTool("ip", ["link", "set", "lo", "up"]);
}

/** Inside of such a network: silently drops what any of these expressions of nft matches. */
export async function dropOnly(expressions: readonly string[]): Promise<void> {
  const rules = expressions.map((expression) => `${expression} drop`).join("\n");
  const chain = `chain arriving {\ntype filter hook input priority 0\n${rules}\n}`;
  await runTool("nft", ["-f", "-"], `flush ruleset\ntable inet firewall {\n${chain}\n}\n`);
}

/** Resolves with what the program prints; fails with what it complains of. */
export async function runTool(
  program: string,
  args: readonly string[],
  input = "",
): Promise<string> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  // One that reads nothing may be gone before: its exit code tells what matters.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [printed, complaints] = [text(child.stdout), text(child.stderr)];
  const [code]: unknown[] = await once(child, "close");
  assert.equal(code, 0, `${program}: ${await complaints}`);
  return printed;
}
