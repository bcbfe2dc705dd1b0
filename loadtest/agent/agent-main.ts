/** An agent as a process of its own. Its first line of standard input says where to report. */
import { createInterface } from "node:readline";
import { openLink } from "../link/line-link.ts";
import type { AgentOrder, AgentReport } from "../link/messages.ts";
import { Agent } from "./agent.ts";

interface Address {
  readonly host: string;
  readonly port: number;
  readonly token: string;
}

// Ctrl-C reaches the whole group of processes; the coordinator ends the agents in order.
process.on("SIGINT", () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  const address: Address = JSON.parse(line);
  try {
    const agent = new Agent(await openLink<AgentOrder, AgentReport>(address));
    await agent.ended;
  } catch (error) {
    process.stderr.write(`an agent: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
  break;
}
process.exit(0);
