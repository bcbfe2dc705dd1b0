import { createEngine } from "../engine/create-engine.ts";
import { wallClockUs } from "../engine/frame-stamp.ts";
import type { MediaEngine } from "../engine/media-engine.ts";
import type { AgentOrder, AgentReport, AgentStats, EngineChoice } from "../link/messages.ts";
import type { LineLink } from "../link/line-link.ts";
import { ownVersion, thisMachine } from "../link/machine.ts";
import { FrameKeys } from "../participant/frame-keys.ts";
import type { ParticipantEvent } from "../participant/participant-plan.ts";
import { participantPlan } from "../participant/participant-plan.ts";
import { SyntheticParticipant } from "../participant/synthetic-participant.ts";
import { Histogram } from "../statistics/histogram.ts";
import { runQueueWaitUs } from "../statistics/scheduling.ts";
import { MEDIA_FOLDER } from "../engine/media-folder.ts";

type AgentLink = LineLink<AgentOrder, AgentReport>;

export interface AgentOptions {
  /** Tests give engines of their own, such as slow ones. */
  readonly createEngine?: (choice: EngineChoice) => Promise<MediaEngine>;
}

const STATS_PERIOD_MS = 1_000;
const EVENTS_PERIOD_MS = 200;
const LOOP_PERIOD_MS = 20;

/** Runs participants as the coordinator says, on one engine. */
export class Agent {
  readonly #link: AgentLink;
  readonly #createEngine: (choice: EngineChoice) => Promise<MediaEngine>;
  readonly #frameKeys = new FrameKeys();
  readonly #participants = new Map<string, SyntheticParticipant>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #loopDelayUs = new Histogram();
  readonly #ended: Promise<void>;
  #resolveEnded: () => void = () => {};
  readonly #accepted: Promise<void>;
  #resolveAccepted: () => void = () => {};
  #refusal: string | undefined;
  #events: ParticipantEvent[] = [];
  #engine: MediaEngine | undefined;
  #cpu = process.cpuUsage();
  #waitUs = runQueueWaitUs("self");
  #isEnding = false;

  constructor(link: AgentLink, options: AgentOptions = {}) {
    this.#link = link;
    this.#createEngine = options.createEngine ?? createEngine;
    this.#ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#accepted = new Promise((resolve) => {
      this.#resolveAccepted = resolve;
    });
    link.events.on("message:received", (order) => {
      this.#carryOut(order).catch((error: unknown) => {
        this.#fail(error);
      });
    });
    link.events.on("link:closed", () => void this.end());
    link.send({ type: "hello", version: ownVersion(), machine: thisMachine() });
  }

  /** Resolves when the coordinator has use for it. */
  get accepted(): Promise<void> {
    return this.#accepted;
  }

  /** Why the coordinator has no use for it, if it said so. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** Resolves when everybody has left and the engine is closed. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** All participants leave. */
  async end(): Promise<void> {
    if (this.#isEnding) return this.#ended;
    this.#isEnding = true;
    await Promise.all([...this.#participants.values()].map((participant) => participant.leave()));
    for (const timer of this.#timers) clearInterval(timer);
    await this.#engine?.close();
    this.#flushEvents();
    this.#link.send({ type: "ended" });
    this.#link.close();
    this.#resolveEnded();
    return this.#ended;
  }

  async #carryOut(order: AgentOrder): Promise<void> {
    switch (order.type) {
      case "open":
        this.#resolveAccepted();
        return this.#open(order.engine, order.seal);
      case "join":
        return this.#join(order);
      case "leave": {
        const participant = this.#participants.get(order.participantId);
        this.#participants.delete(order.participantId);
        return participant?.leave();
      }
      case "speak":
        this.#participants.get(order.participantId)?.setSpeaking(order.isSpeaking);
        return undefined;
      case "share":
        return this.#participants.get(order.participantId)?.setSharing(order.isSharing);
      case "reconnect":
        this.#participants.get(order.participantId)?.reconnect();
        return undefined;
      case "cut":
        this.#participants.get(order.participantId)?.cut(order.forMs);
        return undefined;
      case "ping":
        this.#link.send({ type: "pong", id: order.id, atUs: wallClockUs() });
        return undefined;
      case "clock":
        await this.#engine?.request("engine:set-clock", { offsetUs: order.offsetUs });
        return undefined;
      case "refuse":
        this.#refusal = order.reason;
        return this.end();
      case "end":
        return this.end();
    }
  }

  async #open(choice: EngineChoice, seal: boolean): Promise<void> {
    const engine = await this.#createEngine(choice);
    this.#engine = engine;
    engine.events.on("engine:failed", ({ message }) => {
      this.#fail(new Error(message));
    });
    const settings = { mediaFolder: MEDIA_FOLDER, srtpProfiles: [], seal, stamp: true };
    const description = await engine.request("engine:open", settings);
    this.#link.send({ type: "opened", ...description });
    this.#every(STATS_PERIOD_MS, () => void this.#sendStats(engine));
    this.#every(EVENTS_PERIOD_MS, () => {
      this.#flushEvents();
    });
    this.#watchLoop();
  }

  async #join({ plan }: Extract<AgentOrder, { type: "join" }>): Promise<void> {
    if (this.#engine === undefined) throw new Error("there is no engine yet");
    const participant = new SyntheticParticipant({
      plan: participantPlan.parse(plan),
      engine: this.#engine,
      frameKeys: this.#frameKeys,
      tell: (event) => this.#events.push(event),
    });
    this.#participants.set(plan.participantId, participant);
    await participant.join();
  }

  async #sendStats(engine: MediaEngine): Promise<void> {
    // Refused by an engine that has ended, which is told by another way.
    const taken = await engine.request("stats:take", {}).catch(() => undefined);
    if (taken === undefined || this.#isEnding) return;
    this.#link.send({ type: "stats", stats: { engine: taken, ...this.#ownUse() } });
  }

  #ownUse(): Omit<AgentStats, "engine"> {
    const cpu = process.cpuUsage(this.#cpu);
    this.#cpu = process.cpuUsage();
    const before = this.#waitUs;
    const now = runQueueWaitUs("self");
    this.#waitUs = now;
    return {
      cpuUs: cpu.user + cpu.system,
      memoryBytes: process.memoryUsage.rss(),
      runQueueWaitUs: now === undefined || before === undefined ? null : Math.max(0, now - before),
      loopDelayUs: this.#loopDelayUs.take(),
    };
  }

  #watchLoop(): void {
    let expectedMs = performance.now() + LOOP_PERIOD_MS;
    this.#every(LOOP_PERIOD_MS, () => {
      const nowMs = performance.now();
      this.#loopDelayUs.record((nowMs - expectedMs) * 1_000);
      expectedMs = nowMs + LOOP_PERIOD_MS;
    });
  }

  #flushEvents(): void {
    if (this.#events.length === 0) return;
    this.#link.send({ type: "events", events: this.#events });
    this.#events = [];
  }

  #every(periodMs: number, task: () => void): void {
    this.#timers.push(setInterval(task, periodMs));
  }

  #fail(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (!this.#isEnding) this.#link.send({ type: "failed", message });
  }
}
