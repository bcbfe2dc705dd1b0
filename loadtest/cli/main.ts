/** `npm run loadtest -- …`: see docs/load-testing.md. */
import { setTimeout as delay } from "node:timers/promises";
import { InvitationError } from "../../src/e2ee/invitation/index.ts";
import { Agent } from "../agent/agent.ts";
import { AgentsError } from "../coordinator/agents-error.ts";
import type { LineLink } from "../link/line-link.ts";
import { openLink } from "../link/line-link.ts";
import type { AgentOrder, AgentReport } from "../link/messages.ts";
import { loadScenario, readyMadeScenarios } from "../scenario/load-scenario.ts";
import { ScenarioError } from "../scenario/scenario-error.ts";
import { OwnServiceError } from "../service/own-service.ts";
import type { Arguments } from "./arguments.ts";
import { readArguments, UsageError } from "./arguments.ts";
import { EXIT } from "./exit-codes.ts";
import { HELP } from "./help.ts";
import { runScenario } from "./run-scenario.ts";
import { compareFiles } from "./compare-files.ts";

type AgentAddress = Pick<Extract<Arguments, { command: "agent" }>, "host" | "port" | "token">;

const COORDINATOR_MS = 30_000;
const COORDINATOR_EVERY_MS = 500;

async function main(args: readonly string[]): Promise<number> {
  const parsed = readArguments(args);
  switch (parsed.command) {
    case "help":
      process.stdout.write(HELP);
      return EXIT.passed;
    case "list":
      process.stdout.write(`${HELP}\nScenarios:\n${scenarioList()}\n`);
      return EXIT.misused;
    case "compare":
      return compareFiles(parsed.before, parsed.after);
    case "agent":
      return joinRun(parsed);
    case "run":
      return runScenario(parsed.run);
  }
}

/** Serves a coordinator on another machine until that ends the run. */
async function joinRun(address: AgentAddress): Promise<number> {
  const agent = new Agent(await linkTo(address));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void agent.end());
  void agent.accepted.then(() => {
    process.stdout.write(`joined the run of ${address.host}:${address.port}\n`);
  });
  await agent.ended;
  if (agent.refusal !== undefined) throw new UsageError(agent.refusal);
  return EXIT.passed;
}

/** Machines are started in any order, so a coordinator that isn't there yet is waited for. */
async function linkTo(address: AgentAddress): Promise<LineLink<AgentOrder, AgentReport>> {
  const where = `${address.host}:${address.port}`;
  const untilMs = performance.now() + COORDINATOR_MS;
  for (;;) {
    try {
      return await openLink<AgentOrder, AgentReport>(address);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      if (code.startsWith("ERR_SSL")) {
        throw new UsageError(`${where} has another token, or is no coordinator of a run`);
      }
      if (code !== "ECONNREFUSED" || performance.now() > untilMs) {
        throw new UsageError(`no coordinator can be reached at ${where} (${code})`);
      }
    }
    await delay(COORDINATOR_EVERY_MS);
  }
}

function scenarioList(): string {
  return readyMadeScenarios()
    .map((name) => `  ${name.padEnd(10)}${loadScenario(name).description}`)
    .join("\n");
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = EXIT.misused;
  const isForUser =
    error instanceof UsageError ||
    error instanceof AgentsError ||
    error instanceof OwnServiceError ||
    error instanceof ScenarioError ||
    error instanceof InvitationError;
  process.stderr.write(isForUser ? `${error.message}\n` : `${describe(error)}\n`);
}
// Sockets of a library may linger; everything of ours is closed.
process.exit();

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
