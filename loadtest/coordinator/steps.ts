import { spawn } from "node:child_process";
import type { Scenario, ScenarioStep } from "../scenario/scenario.ts";
import { ScenarioError } from "../scenario/scenario-error.ts";
import type { OwnService } from "../service/own-service.ts";
import type { Agents } from "./agents.ts";
import type { Crowd } from "./crowd.ts";

interface StepsOptions {
  readonly scenario: Scenario;
  readonly agents: Agents;
  readonly crowd: Crowd;
  readonly service: OwnService | undefined;
  /** Aborted when the run is over before its time. */
  readonly signal: AbortSignal;
}

const COMMAND_MS = 120_000;
const NEEDS_OWN_SERVICE: ReadonlySet<ScenarioStep["do"]> = new Set([
  "kill-worker",
  "kill-service",
  "restart-service",
]);

/**
 * Refuses what the deployment at hand can't do, before anything has begun. Throws `ScenarioError`.
 */
export function assertStepsPossible(
  { steps, relay, impairment }: Scenario,
  deployment: { readonly isOwn: boolean; readonly allowCommands: boolean },
): void {
  const problems = steps.flatMap((step) => {
    if (NEEDS_OWN_SERVICE.has(step.do) && !deployment.isOwn) {
      return [
        `the step ${step.do} needs a service that the load test has started itself; for a ` +
          `deployment, use a step \`run\` with the command that does it there`,
      ];
    }
    if (step.do === "run" && !deployment.allowCommands) {
      return [`the step "${step.name}" runs a command, which needs --allow-commands`];
    }
    return [];
  });
  const isImpaired = impairment !== undefined || steps.some((step) => step.do === "cut-network");
  if (isImpaired && relay === "always" && !deployment.isOwn) {
    problems.push(
      "impairment and cut-network stand between a participant and the media server, where a relay " +
        "of a deployment can't find them: leave out `relay: always`",
    );
  }
  if (problems.length > 0) throw new ScenarioError(problems);
}

/** What a step is called in the report. */
export function nameOfStep(step: ScenarioStep): string {
  switch (step.do) {
    case "run":
      return step.name;
    case "cut-network":
      return `cut-network (${step.percent} %, ${step.forS} s)`;
    case "break-connections":
      return `break-connections (${step.percent} %)`;
    case "kill-worker":
    case "kill-service":
    case "restart-service":
      return step.do;
  }
}

/** Carries a step out. Rejects when it could not be done. */
export async function carryOutStep(
  step: ScenarioStep,
  { agents, crowd, service, signal }: StepsOptions,
): Promise<void> {
  switch (step.do) {
    case "kill-worker":
      service?.killWorker();
      return;
    case "kill-service":
      await service?.restart("SIGKILL");
      return;
    case "restart-service":
      await service?.restart("SIGTERM");
      return;
    case "break-connections":
      crowd.forEach(step.percent, (participantId) => {
        agents.tell({ type: "reconnect", participantId });
      });
      return;
    case "cut-network":
      crowd.forEach(step.percent, (participantId) => {
        agents.tell({ type: "cut", participantId, forMs: step.forS * 1_000 });
      });
      return;
    case "run":
      await runCommand(step.command, signal);
  }
}

function runCommand(command: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, {
      shell: true,
      stdio: ["ignore", "ignore", "inherit"],
      // A group of its own, so that what the shell has started ends with it.
      detached: true,
    });
    const end = () => {
      // It may have ended a moment ago.
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    };
    const timer = setTimeout(end, COMMAND_MS);
    signal.addEventListener("abort", end);
    child.once("error", reject);
    child.once("exit", (code, killedBy) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      if (code === 0) resolve();
      else reject(new Error(`the command ended (${killedBy ?? String(code)})`));
    });
  });
}
