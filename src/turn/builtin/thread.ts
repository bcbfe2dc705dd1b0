/** The entry of the builtin engine's thread. It reads nothing but what it was born with. */
import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../lib/clock.ts";
import { TurnCounters } from "../turn-stats.ts";
import type { ThreadCommand, ThreadData, ThreadReport } from "./thread-messages.ts";
import { TurnServer } from "./turn-server.ts";

const port = parentPort;
if (port === null) throw new Error("the TURN thread was started outside of a worker");

const { options, counters }: ThreadData = workerData;
const server = new TurnServer({
  options,
  clock: systemClock,
  counters: new TurnCounters(counters),
  onFault: (error) => {
    report({ type: "fault", message: messageOf(error) });
  },
});

port.on("message", (command: ThreadCommand) => {
  if (command.type === "drain") server.drain();
  else void close(command.reason);
});

try {
  report({ type: "listening", addresses: await server.listen() });
} catch (error) {
  report({ type: "listen-failed", message: messageOf(error) });
  port.close();
}

async function close(reason: string): Promise<void> {
  await server.close(reason);
  report({ type: "closed" });
  port?.close();
}

function report(message: ThreadReport): void {
  port?.postMessage(message satisfies ThreadReport, []);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
