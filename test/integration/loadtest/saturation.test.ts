import assert from "node:assert/strict";
import { test } from "node:test";
import { Agent } from "../../../loadtest/agent/agent.ts";
import { Agents } from "../../../loadtest/coordinator/agents.ts";
import { LoadRun } from "../../../loadtest/coordinator/load-run.ts";
import { PortableEngine } from "../../../loadtest/engine/portable-engine.ts";
import { openLink } from "../../../loadtest/link/line-link.ts";
import type { AgentOrder, AgentReport } from "../../../loadtest/link/messages.ts";
import { parseScenario } from "../../../loadtest/scenario/load-scenario.ts";
import { OwnService } from "../../../loadtest/service/own-service.ts";

const SCENARIO = "name: slow\nparticipants: 2\njoinPerS: all\ndurationS: 3\n";
/** Much beyond what the verdict allows. */
const SPIN_MS = 60;

/** Keeps the engine's only thread busy, as too many participants would. */
function spin(): void {
  const untilMs = performance.now() + SPIN_MS;
  while (performance.now() < untilMs);
}

test("a generator made slow on purpose is called out, and its run is no result", async () => {
  const service = await OwnService.start({ workers: 1 });
  const agents = await Agents.open({ host: "127.0.0.1", port: 0 });
  try {
    const address = { host: "127.0.0.1", port: agents.port, token: agents.token };
    const agent = new Agent(await openLink<AgentOrder, AgentReport>(address), {
      createEngine: () => Promise.resolve(new PortableEngine({ beforeTick: spin })),
    });
    await agents.ready(1, "portable", true);
    const run = new LoadRun({
      scenario: parseScenario(SCENARIO, "slow.yaml"),
      agents,
      origin: service.origin,
      service,
      metricsUrl: service.metricsUrl,
      browsers: undefined,
      tell: () => undefined,
    });
    const { verdict, interrupted, figures } = await run.run();
    await agent.ended;
    assert.equal(interrupted, null);
    assert.equal(verdict.isResult, false);
    assert.match(verdict.reasons.join("\n"), /it sent \d+\.\d ms late/);
    assert.ok((figures.generatorDelayP99Ms ?? 0) > SPIN_MS / 2);
  } finally {
    await agents.end();
    await service.close();
  }
});

test("an agent without the token doesn't get in", async () => {
  const agents = await Agents.open({ host: "127.0.0.1", port: 0 });
  try {
    const link = openLink({ host: "127.0.0.1", port: agents.port, token: "guessed" });
    await assert.rejects(link);
  } finally {
    await agents.end();
  }
});
