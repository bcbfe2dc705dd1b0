import assert from "node:assert/strict";
import type { Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import { Agent } from "../../../loadtest/agent/agent.ts";
import { Agents } from "../../../loadtest/coordinator/agents.ts";
import { LoadRun } from "../../../loadtest/coordinator/load-run.ts";
import { PortableEngine } from "../../../loadtest/engine/portable-engine.ts";
import type { LineLink } from "../../../loadtest/link/line-link.ts";
import { listenForLinks, openLink } from "../../../loadtest/link/line-link.ts";
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

/** Passes one connection on, and can end it as the system does for a process that was killed. */
class ResettingProxy {
  readonly #port: number;
  readonly #server: Server;
  readonly #sockets: Socket[] = [];

  constructor(port: number) {
    this.#port = port;
    this.#server = createServer((downstream) => {
      const upstream = connect(this.#port, "127.0.0.1");
      this.#sockets.push(downstream, upstream);
      downstream.on("error", () => undefined).pipe(upstream);
      upstream.on("error", () => undefined).pipe(downstream);
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

test("a generator made slow on purpose is called out, and its run is no result", async () => {
  const service = await OwnService.start({ workers: 1 });
  const agents = await Agents.open({ host: "127.0.0.1", port: 0 });
  try {
    const address = { host: "127.0.0.1", port: agents.port, token: agents.token };
    const agent = new Agent(await openLink<AgentOrder, AgentReport>(address), {
      createEngine: () => Promise.resolve(new PortableEngine({ beforeTick: spin })),
    });
    await agents.ready(1, { engine: "portable", seal: true });
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

test("an agent that is one too many is told so, and the run has its own", async () => {
  const agents = await Agents.open({ host: "127.0.0.1", port: 0 });
  const refused: string[] = [];
  agents.events.on("agent:refused", ({ message }) => refused.push(message));
  const address = { host: "127.0.0.1", port: agents.port, token: agents.token };
  const options = { createEngine: () => Promise.resolve(new PortableEngine()) };
  try {
    const first = new Agent(await openLink<AgentOrder, AgentReport>(address), options);
    await agents.ready(1, { engine: "portable", seal: true });
    const second = new Agent(await openLink<AgentOrder, AgentReport>(address), options);
    await second.ended;
    assert.match(second.refusal ?? "", /the run has the 1 agent\(s\) that it is for/);
    assert.equal(refused.length, 1);
    assert.equal(agents.list.length, 1);
    await agents.end();
    await first.ended;
    assert.equal(first.refusal, undefined);
  } finally {
    await agents.end();
  }
});

test("an interruption ends the waiting for agents", async () => {
  const agents = await Agents.open({ host: "127.0.0.1", port: 0 });
  const signal = AbortSignal.abort();
  try {
    const waiting = agents.ready(1, { engine: "portable", seal: true, signal });
    await assert.rejects(waiting, { code: "agents", message: "interrupted" });
  } finally {
    await agents.end();
  }
});

test("a peer whose connection is reset closes its link, and nothing else", async () => {
  const linked = Promise.withResolvers<LineLink<AgentReport, AgentOrder>>();
  const listener = await listenForLinks<AgentReport, AgentOrder>(
    { host: "127.0.0.1", port: 0, token: "t" },
    linked.resolve,
  );
  const resetting = new ResettingProxy(listener.port);
  try {
    const port = await resetting.listen();
    await openLink({ host: "127.0.0.1", port, token: "t" });
    const link = await linked.promise;
    const closed = new Promise<undefined>((resolve) => link.events.on("link:closed", resolve));
    resetting.reset();
    assert.equal(await closed, undefined);
  } finally {
    resetting.close();
    listener.close();
  }
});
