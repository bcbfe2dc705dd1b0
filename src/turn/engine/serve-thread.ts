import { parentPort, workerData } from "node:worker_threads";
import type { Clock } from "../../lib/clock.ts";
import { systemClock } from "../../lib/clock.ts";
import type { TurnAddresses } from "../turn-engine.ts";
import type { TurnCertificate, TurnOptions } from "../turn-options.ts";
import { TurnCounters } from "../turn-stats.ts";
import type { EngineCommand } from "./engine-life.ts";
import type { ThreadData, ThreadReport } from "./thread-messages.ts";

export interface ThreadServerParts {
  readonly options: TurnOptions;
  readonly clock: Clock;
  readonly counters: TurnCounters;
  /** Told, at most once a second, of an error that a packet met with inside the server. */
  readonly onFault: (error: unknown) => void;
}

/** What of an engine lives in its thread. */
export interface ThreadServer {
  /** Rejects with the system's error, and leaves nothing open, when something can't be bound. */
  listen(): Promise<TurnAddresses>;
  drain(): void;
  useSecrets(secrets: readonly string[]): void;
  useCertificate(certificate: TurnCertificate): void;
  close(reason: string): Promise<void>;
}

/** The entry of an engine's thread calls it once. It reads nothing but what it was born with. */
export async function serveThread(
  create: (parts: ThreadServerParts) => ThreadServer,
): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error("the TURN thread was started outside of a worker");
  const report = (message: ThreadReport): void => {
    port.postMessage(message satisfies ThreadReport, []);
  };
  const { options, counters }: ThreadData = workerData;
  const server = create({
    options,
    clock: systemClock,
    counters: new TurnCounters(counters),
    onFault: (error) => {
      report({ type: "fault", message: messageOf(error) });
    },
  });
  port.on("message", (command: EngineCommand) => {
    if (command.type === "drain") server.drain();
    else if (command.type === "secrets") server.useSecrets(command.secrets);
    else if (command.type === "certificate") server.useCertificate(command.certificate);
    else {
      void server.close(command.reason).then(() => {
        report({ type: "closed" });
        port.close();
      });
    }
  });
  try {
    report({ type: "listening", addresses: await server.listen() });
  } catch (error) {
    report({ type: "listen-failed", message: messageOf(error) });
    port.close();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
