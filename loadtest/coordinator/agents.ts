import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../src/lib/clock.ts";
import { Emitter } from "../../src/lib/emitter.ts";
import { Scope } from "../../src/lib/scope.ts";
import { AgentsError } from "./agents-error.ts";
import { wallClockUs } from "../engine/frame-stamp.ts";
import type { LineLink } from "../link/line-link.ts";
import { createToken, listenForLinks } from "../link/line-link.ts";
import { ownVersion, thisMachine } from "../link/machine.ts";
import type {
  AgentOrder,
  AgentReport,
  AgentStats,
  EngineChoice,
  Machine,
} from "../link/messages.ts";
import type { ParticipantEvent } from "../participant/participant-plan.ts";
import { participantEvent } from "../participant/participant-plan.ts";

type CoordinatorLink = LineLink<AgentReport, AgentOrder>;

const AGENT_MAIN = fileURLToPath(new URL("../agent/agent-main.ts", import.meta.url));
/** A machine under load takes long; whoever fails to start ends, and is told at once. */
const START_MS = 120_000;
const END_MS = 10_000;
/** The quickest of so many round trips tells the other clock best. */
const PINGS = 8;

export interface AgentsEvents {
  readonly "events:received": readonly ParticipantEvent[];
  readonly "stats:received": { readonly agent: number; readonly stats: AgentStats };
  readonly "agent:failed": { readonly message: string };
  /** One that the run can't use; it goes on without it. */
  readonly "agent:refused": { readonly message: string };
}

export interface RemoteAgent {
  readonly machine: Machine;
  readonly engine: string;
  readonly engineVersion: string;
}

interface ConnectedAgent {
  readonly link: CoordinatorLink;
  readonly machine: Machine;
  /** Adds to its times to get ours. */
  offsetUs: number;
  isGone: boolean;
  description: { engine: string; version: string } | undefined;
}

/** Every agent of the run, here and elsewhere, and the participants that each has. */
export class Agents {
  readonly events = new Emitter<AgentsEvents>();
  readonly token: string;
  #listener: { readonly port: number; close(): void } | undefined;
  readonly #agents: ConnectedAgent[] = [];
  readonly #agentOf = new Map<string, ConnectedAgent>();
  readonly #onChange = new Set<() => void>();
  /** Where agents of this machine reach the coordinator. */
  readonly #ownHost: string;
  /** How many the run is for; later ones have nothing to do. */
  #wanted = Infinity;
  #next = 0;
  #isEnding = false;

  /** `listen` is where agents of other machines reach this one. */
  static async open(listen: { host: string; port: number }, token?: string): Promise<Agents> {
    const agents = new Agents(token ?? createToken(), ownHostOf(listen.host));
    const options = { ...listen, token: agents.token };
    agents.#listener = await listenForLinks<AgentReport, AgentOrder>(options, (link) => {
      agents.#welcome(link);
    });
    return agents;
  }

  private constructor(token: string, ownHost: string) {
    this.token = token;
    this.#ownHost = ownHost;
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  get list(): RemoteAgent[] {
    return this.#agents.map(({ machine, description }) => ({
      machine,
      engine: description?.engine ?? "none",
      engineVersion: description?.version ?? "",
    }));
  }

  /** Starts `count` agents on this machine. */
  spawn(count: number): void {
    for (let index = 0; index < count; index += 1) {
      // A group of its own, so that Ctrl-C is the coordinator's alone.
      const child = spawn(process.execPath, [AGENT_MAIN], {
        stdio: ["pipe", "ignore", "inherit"],
        detached: true,
      });
      child.once("error", (error) => {
        this.events.emit("agent:failed", { message: error.message });
      });
      child.once("exit", (code) => {
        if (this.#isEnding) return;
        this.events.emit("agent:failed", { message: `an agent ended (${String(code)})` });
      });
      child.stdin.on("error", () => undefined);
      const address = { host: this.#ownHost, port: this.port, token: this.token };
      child.stdin.end(`${JSON.stringify(address)}\n`);
    }
  }

  /** Resolves when `count` agents have their engines. Rejects with `AgentsError`. */
  async ready(
    count: number,
    options: {
      readonly engine: EngineChoice;
      readonly seal: boolean;
      /** Ends the waiting. */
      readonly signal?: AbortSignal;
    },
  ): Promise<void> {
    const { engine, seal, signal } = options;
    this.#wanted = count;
    await this.#until(() => this.#agents.length >= count, `${count} agents`, signal);
    for (const agent of this.#agents) agent.link.send({ type: "open", engine, seal });
    const areOpen = () => this.#agents.every(({ description }) => description !== undefined);
    await this.#until(areOpen, "the engines of the agents", signal);
    for (const agent of this.#agents) await this.#tellClock(agent);
  }

  /** Gives the participant to the next agent in turn. */
  join(plan: Extract<AgentOrder, { type: "join" }>["plan"]): void {
    const agent = this.#agents[this.#next % this.#agents.length];
    this.#next += 1;
    if (agent === undefined) return;
    this.#agentOf.set(plan.participantId, agent);
    agent.link.send({ type: "join", plan });
  }

  /** Passes an order on to the agent that has the participant. */
  tell(order: Extract<AgentOrder, { participantId: string }>): void {
    this.#agentOf.get(order.participantId)?.link.send(order);
    if (order.type === "leave") this.#agentOf.delete(order.participantId);
  }

  /** Everybody leaves. Resolves when all agents have said that they did, or don't answer. */
  async end(): Promise<void> {
    this.#isEnding = true;
    const closed = this.#agents
      .filter(({ isGone }) => !isGone)
      .map(
        ({ link }) =>
          new Promise<void>((resolve) => {
            link.events.on("link:closed", () => {
              resolve();
            });
          }),
      );
    for (const { link } of this.#agents) link.send({ type: "end" });
    const patience = new Promise((resolve) => {
      setTimeout(resolve, END_MS).unref();
    });
    await Promise.race([Promise.all(closed), patience]);
    this.#listener?.close();
  }

  #welcome(link: CoordinatorLink): void {
    let agent: ConnectedAgent | undefined;
    link.events.on("message:received", (report) => {
      if (report.type === "hello") {
        agent = this.#enlist(link, report);
        return;
      }
      if (agent !== undefined) this.#onReport(agent, report);
    });
    link.events.on("link:closed", () => {
      if (agent === undefined) return;
      agent.isGone = true;
      if (this.#isEnding) return;
      const { host } = agent.machine;
      this.events.emit("agent:failed", { message: `the agent on ${host} is gone` });
    });
  }

  #enlist(
    link: CoordinatorLink,
    { version, machine }: Extract<AgentReport, { type: "hello" }>,
  ): ConnectedAgent | undefined {
    const refusal = this.#refusalOf(version);
    if (refusal !== undefined) {
      link.send({ type: "refuse", reason: refusal });
      link.close();
      this.events.emit("agent:refused", { message: `an agent on ${machine.host}: ${refusal}` });
      return undefined;
    }
    const agent: ConnectedAgent = {
      link,
      machine,
      offsetUs: 0,
      isGone: false,
      description: undefined,
    };
    this.#agents.push(agent);
    this.#changed();
    return agent;
  }

  #refusalOf(version: string): string | undefined {
    if (version !== ownVersion())
      return `it is of version ${version}, and the run of ${ownVersion()}`;
    if (this.#agents.length < this.#wanted) return undefined;
    return `the run has the ${this.#wanted} agent(s) that it is for`;
  }

  #onReport(agent: ConnectedAgent, report: AgentReport): void {
    switch (report.type) {
      case "opened":
        agent.description = report;
        this.#changed();
        break;
      case "failed":
        this.events.emit("agent:failed", { message: report.message });
        break;
      case "events":
        this.events.emit(
          "events:received",
          report.events.map((event) => inOurTime(participantEvent.parse(event), agent.offsetUs)),
        );
        break;
      case "stats":
        this.events.emit("stats:received", {
          agent: this.#agents.indexOf(agent),
          stats: report.stats,
        });
        break;
      // The first and the last word, and answers that somebody waits for.
      case "hello":
      case "ended":
      case "pong":
        break;
    }
  }

  /** As NTP does it (RFC 5905 section 8): half of the quickest round trip lies on each way. */
  async #tellClock(agent: ConnectedAgent): Promise<void> {
    let best = { roundTripUs: Infinity, offsetUs: 0 };
    for (let id = 0; id < PINGS; id += 1) {
      const sentUs = wallClockUs();
      const atUs = await new Promise<number>((resolve) => {
        const remove = agent.link.events.on("message:received", (report) => {
          if (report.type !== "pong" || report.id !== id) return;
          remove();
          resolve(report.atUs);
        });
        agent.link.send({ type: "ping", id });
      });
      const nowUs = wallClockUs();
      const roundTripUs = nowUs - sentUs;
      if (roundTripUs < best.roundTripUs) {
        best = { roundTripUs, offsetUs: sentUs + roundTripUs / 2 - atUs };
      }
    }
    // On one machine all read the same clock, and an estimate could only be worse. Two of one name
    // have two clocks, which shows once they differ by more than the trip can explain.
    const canBeOne = Math.abs(best.offsetUs) <= best.roundTripUs / 2;
    const isHere = canBeOne && agent.machine.host === thisMachine().host;
    agent.offsetUs = isHere ? 0 : best.offsetUs;
    agent.link.send({ type: "clock", offsetUs: agent.offsetUs });
  }

  #changed(): void {
    for (const listener of this.#onChange) listener();
  }

  async #until(condition: () => boolean, what: string, signal?: AbortSignal): Promise<void> {
    const scope = new Scope("waiting for agents", systemClock);
    try {
      await new Promise<void>((resolve, reject) => {
        const fail = (message: string) => {
          reject(new AgentsError(message));
        };
        scope.after(START_MS, () => {
          fail(`not within ${START_MS / 1_000} s: ${what}`);
        });
        scope.add(
          this.events.on("agent:failed", ({ message }) => {
            fail(message);
          }),
        );
        const look = () => {
          if (signal?.aborted === true) fail("interrupted");
          else if (condition()) resolve();
        };
        this.#onChange.add(look);
        scope.add(() => this.#onChange.delete(look));
        signal?.addEventListener("abort", look);
        scope.add(() => {
          signal?.removeEventListener("abort", look);
        });
        look();
      });
    } finally {
      scope.end("done");
    }
  }
}

/** Whoever listens at all addresses is reached by loopback, too. */
function ownHostOf(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

function inOurTime(event: ParticipantEvent, offsetUs: number): ParticipantEvent {
  return "atUs" in event ? { ...event, atUs: event.atUs + offsetUs } : event;
}
