/** One engine in a process of its own, for the benchmark: `node …/serve.ts ENGINE SECRET`. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createTurnEngine } from "../../src/turn/create-turn-engine.ts";
import { defaultTurnLimits, turnEngineNames } from "../../src/turn/turn-options.ts";
import { childProcesses } from "../../test/support/turn-child-processes.ts";
import type { ServerReport } from "./relay-server.ts";

const [name = "", secret = ""] = process.argv.slice(2);
const engine = turnEngineNames.find((each) => each === name);
if (engine === undefined) throw new Error(`no engine is called ${name}`);
const running = createTurnEngine({
  engine,
  listeners: [{ protocol: "udp", address: "127.0.0.1", port: 0 }],
  relay: { addresses: [{ address: "127.0.0.1" }], ports: { min: 20_000, max: 31_999 } },
  realm: "bench",
  secrets: [secret],
  peers: { allowed: [{ range: "127.0.0.1" }], denied: [], others: "refuse" },
  limits: {
    ...defaultTurnLimits,
    allocationsPerCredential: 1_000,
    bandwidthBytesPerS: 100_000_000,
    unauthenticatedPerS: 10_000,
  },
});
const { listeners } = await running.start();
const delay = monitorEventLoopDelay({ resolution: 20 });
delay.enable();

process.on("message", (message) => {
  if (message === "close") void close();
  else report();
});
process.on("disconnect", () => void close());
report();

function report(): void {
  const coturn = childProcesses("turnserver")[0]?.pid;
  process.send?.({
    port: listeners[0]?.port ?? 0,
    relayPid: coturn ?? process.pid,
    loopDelayP99Ms: delay.percentile(99) / 1e6 - 20,
  } satisfies ServerReport);
  delay.reset();
}

async function close(): Promise<void> {
  await running.close("the benchmark is over");
  process.exit(0);
}
