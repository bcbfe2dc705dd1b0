import { availableParallelism, hostname } from "node:os";
import { loadEngineStep } from "../../scripts/setup/load-engine.mjs";
import { browserStep } from "../../scripts/setup/browser.mjs";
import type { Step } from "../../scripts/setup/run-steps.mjs";
import { runSteps } from "../../scripts/setup/run-steps.mjs";
import { webStep } from "../../scripts/setup/web.mjs";
import { parseInvitationLink } from "../../src/e2ee/invitation/index.ts";
import { ChromiumCrowd } from "../browsers/chromium-crowd.ts";
import { Agents } from "../coordinator/agents.ts";
import { AgentsError } from "../coordinator/agents-error.ts";
import { LoadRun } from "../coordinator/load-run.ts";
import { assertStepsPossible } from "../coordinator/steps.ts";
import { htmlReport } from "../report/html/html-report.ts";
import { junitReport } from "../report/junit.ts";
import { LiveOutput } from "../report/live-output.ts";
import type { RunResult } from "../report/run-result.ts";
import { resultTable } from "../report/table.ts";
import { loadScenario } from "../scenario/load-scenario.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { scenarioSchema } from "../scenario/scenario.ts";
import { OwnService } from "../service/own-service.ts";
import type { RunArguments } from "./arguments.ts";
import { UsageError } from "./arguments.ts";
import { EXIT } from "./exit-codes.ts";
import { assertWritable, writeReport } from "./report-files.ts";
import { assertDeploymentAnswers, assertMetricsAnswer } from "./target.ts";
import { Interrupts } from "./interrupts.ts";

/** Synthetic participants that one agent on one core is given, unless told otherwise. */
const PARTICIPANTS_PER_AGENT = 25;

/** Resolves with the exit code. */
export async function runScenario(args: RunArguments): Promise<number> {
  const scenario = scenarioOf(args);
  const isOwn = args.url === undefined && args.link === undefined;
  assertStepsPossible(scenario, { isOwn, allowCommands: args.allowCommands });
  if (args.link !== undefined && scenario.rooms !== 1) {
    throw new UsageError(`--link names one room, and ${scenario.name} has ${scenario.rooms}`);
  }
  const invitation = args.link === undefined ? undefined : parseInvitationLink(args.link);
  assertWritable([args.json, args.junit, args.html].filter((path) => path !== undefined));
  const address = args.url ?? args.link;
  if (address !== undefined) await assertDeploymentAnswers(new URL(address).origin);
  if (args.metricsUrl !== undefined) await assertMetricsAnswer(args.metricsUrl);
  const setup = await runSteps(stepsFor(args, isOwn));
  const live = new LiveOutput(process.stderr);
  const interrupts = new Interrupts(live);
  const service = isOwn
    ? await OwnService.start({ workers: args.workers, withPage: args.browsers > 0 })
    : undefined;
  let browsers: ChromiumCrowd | undefined;
  try {
    if (setup.chromium !== undefined && args.browsers > 0) {
      browsers = await ChromiumCrowd.launch(setup.chromium, args.browsers);
    }
    const agents = await openAgents(scenario, args, { live, interrupts });
    const target = address ?? service?.origin ?? "";
    const run = new LoadRun({
      scenario,
      agents,
      origin: new URL(target).origin,
      invitation,
      service,
      metricsUrl: args.metricsUrl ?? service?.metricsUrl,
      browsers,
      sealed: args.seal,
      despiteSaturation: args.despiteSaturation,
      tell: (progress) => {
        live.show(progress);
      },
    });
    interrupts.follow(run);
    const result = await run.run();
    live.end();
    report(result, args);
    return exitCodeOf(result, args);
  } catch (error) {
    // Before it had begun, there is nothing to report.
    if (error instanceof AgentsError && interrupts.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    live.end();
    await browsers?.close();
    await service?.close();
  }
}

/** The scenario with what the command line changes of it. Throws `ScenarioError`, `UsageError`. */
function scenarioOf({ scenario: name, overrides, browsers, seal }: RunArguments): Scenario {
  const scenario = scenarioSchema.safeParse({ ...loadScenario(name), ...overrides });
  if (!scenario.success) {
    const [issue] = scenario.error.issues;
    throw new UsageError(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
  }
  if (browsers > 0 && scenario.data.grow !== undefined) {
    throw new UsageError(`${name} grows, and real browsers can't take part in that`);
  }
  if (overrides.durationS !== undefined && scenario.data.grow !== undefined) {
    throw new UsageError(`${name} grows, and each size takes its holdS: there is no --duration`);
  }
  if (browsers > 0 && !seal) {
    throw new UsageError("real browsers seal always: --browsers can't go with --no-seal");
  }
  return scenario.data;
}

/** What the run needs of this machine: the engine that was asked for, and a browser with a page. */
function stepsFor(args: RunArguments, isOwn: boolean): Step[] {
  return [
    ...(args.engine === "native" ? [loadEngineStep] : []),
    ...(args.browsers > 0 ? [browserStep] : []),
    ...(args.browsers > 0 && isOwn ? [webStep] : []),
  ];
}

async function openAgents(
  scenario: Scenario,
  args: RunArguments,
  { live, interrupts }: { readonly live: LiveOutput; readonly interrupts: Interrupts },
): Promise<Agents> {
  const local = args.agents ?? agentsFor(scenario);
  const count = local + args.remoteAgents;
  if (count === 0) throw new UsageError("a run needs an agent: --agents or --remote-agents");
  const agents = await Agents.open(args.listen, args.token).catch((error: unknown) => {
    throw new UsageError(`--listen: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (args.remoteAgents > 0) {
    live.say(`waiting for ${args.remoteAgents} agent(s) of other machines, which join by:`);
    const where = `${nameOf(args.listen.host)}:${agents.port}`;
    live.say(`  npm run loadtest -- agent ${where} --token ${agents.token}`);
  }
  agents.events.on("agent:refused", ({ message }) => {
    live.say(message);
  });
  agents.spawn(local);
  try {
    const { engine, seal } = args;
    await agents.ready(count, { engine, seal, signal: interrupts.signal });
  } catch (error) {
    await agents.end();
    throw error;
  }
  return agents;
}

/** More than there are cores would only be in each other's way. */
function agentsFor({ rooms, participants, grow }: Scenario): number {
  const largest = {
    rooms: grow?.what === "rooms" ? grow.to : rooms,
    participants: grow?.what === "participants" ? grow.to : participants,
  };
  const wanted = Math.ceil((largest.rooms * largest.participants) / PARTICIPANTS_PER_AGENT);
  return Math.max(1, Math.min(wanted, availableParallelism()));
}

/** What other machines may call this one: all addresses are none that they can reach. */
function nameOf(host: string): string {
  if (host === "0.0.0.0" || host === "::") return hostname();
  return host.includes(":") ? `[${host}]` : host;
}

function report(result: RunResult, { json, junit, html }: RunArguments): void {
  process.stdout.write(resultTable(result));
  if (json !== undefined) writeReport(json, `${JSON.stringify(result)}\n`);
  if (junit !== undefined) writeReport(junit, junitReport(result));
  if (html !== undefined) writeReport(html, htmlReport(result));
}

function exitCodeOf(result: RunResult, { despiteSaturation }: RunArguments): number {
  if (result.interrupted !== null) return EXIT.interrupted;
  if (!result.verdict.isResult && !despiteSaturation) return EXIT.notAResult;
  return result.thresholds.every(({ passed }) => passed) ? EXIT.passed : EXIT.failed;
}
