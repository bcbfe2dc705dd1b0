import { setTimeout as delay } from "node:timers/promises";
import type { Invitation } from "../../src/e2ee/invitation/index.ts";
import { ownVersion, thisMachine } from "../link/machine.ts";
import type { BrowserFigures, Knee, Mark, RunResult, Sample, Stage } from "../report/run-result.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { thresholdsOf } from "../scenario/scenario.ts";
import type { OwnService } from "../service/own-service.ts";
import { readOwnServiceUse } from "../service/own-service-use.ts";
import type { ServerSample } from "../service/server-metrics.ts";
import { readServerMetrics } from "../service/server-metrics.ts";
import type { Figures } from "../statistics/figures.ts";
import { judgeThresholds } from "../statistics/judge-thresholds.ts";
import type { Agents } from "./agents.ts";
import { Crowd } from "./crowd.ts";
import { histogramData } from "./histograms.ts";
import { busiestOf, kneeOf } from "./knee.ts";
import { Planner } from "./planner.ts";
import { Recorder } from "./recorder.ts";
import { carryOutStep, nameOfStep } from "./steps.ts";
import { summarise, verdictOf } from "./summarise.ts";

export interface LoadRunOptions {
  readonly scenario: Scenario;
  readonly agents: Agents;
  /** Where the service is. */
  readonly origin: string;
  readonly invitation?: Invitation | undefined;
  /** The service, if the load test has started it. */
  readonly service: OwnService | undefined;
  readonly metricsUrl: string | undefined;
  readonly browsers: BrowserCrowd | undefined;
  /** Whether the agents seal frames, as they do unless told otherwise. */
  readonly sealed?: boolean;
  /** Whether a run that grows goes on where the generator is the limit, as its user wants it. */
  readonly despiteSaturation?: boolean;
  readonly tell: (progress: Progress) => void;
}

/** Real browsers beside the synthetic participants. */
export interface BrowserCrowd {
  readonly size: number;
  /** Begins to join; resolves when all are in or have failed. */
  join(link: string): Promise<void>;
  /** What they have seen since the last call. */
  read(): Promise<BrowserFigures>;
  close(): Promise<void>;
}

export interface Progress {
  readonly phase: "joining" | "steady" | "leaving";
  /** Of the phase, 0 to 1. */
  readonly share: number;
  readonly sample: Sample;
}

const SAMPLE_MS = 1_000;
/** Beyond what the scenario's own rate takes. */
const JOIN_PATIENCE_MS = 60_000;
/** Who came in the last moment by churn counts as joined if it gets in. */
const LATE_NEWCOMER_MS = 10_000;
/** Bursts of joining are over by then. */
const SETTLE_MS = 1_000;
/** Near the knee they last longer, and a size is judged by what it takes to keep it. */
const SETTLE_AFTER_GROWTH_MS = 3_000;

type Measured = Pick<RunResult, "figures" | "thresholds" | "histograms">;

/** One run of one scenario. */
export class LoadRun {
  readonly #options: LoadRunOptions;
  readonly #recorder = new Recorder();
  readonly #planner: Planner;
  readonly #crowd: Crowd;
  readonly #marks: Mark[] = [];
  readonly #stages: Stage[] = [];
  /** Of a run that grows: what was measured at the largest size that held. */
  #held: Measured | undefined;
  readonly #startedAt = new Date();
  readonly #interruption = new AbortController();
  #phase: Progress["phase"] = "joining";
  #share = 0;
  #browserFigures: BrowserFigures | null = null;

  constructor(options: LoadRunOptions) {
    this.#options = options;
    const { scenario, agents, origin, invitation } = options;
    this.#planner = new Planner(scenario, origin, invitation);
    const recorder = this.#recorder;
    this.#crowd = new Crowd({ scenario, agents, planner: this.#planner, recorder });
    agents.events.on("events:received", (events) => {
      recorder.events(events);
    });
    agents.events.on("stats:received", ({ agent, stats }) => {
      recorder.stats(agent, stats);
    });
    agents.events.on("agent:failed", ({ message }) => {
      this.interrupt(message);
    });
  }

  /** Ends the run before its time; the result then says why. */
  interrupt(reason: string): void {
    if (!this.#interruption.signal.aborted) this.#interruption.abort(reason);
  }

  /** Resolves when everybody has left. */
  async run(): Promise<RunResult> {
    const stopSampling = this.#startSampling();
    try {
      const { grow } = this.#options.scenario;
      await (grow === undefined ? this.#hold() : this.#grow(grow));
    } catch (error) {
      // An interruption ends the run where it stands; what was measured until then counts.
      if (!this.#interruption.signal.aborted) throw error;
    }
    this.#phase = "leaving";
    this.#recorder.endSteady();
    const result = this.#result();
    await Promise.all([this.#options.browsers?.close(), this.#options.agents.end()]);
    stopSampling();
    return result;
  }

  async #hold(): Promise<void> {
    const { scenario, browsers } = this.#options;
    const { rooms, participants } = scenario;
    const joining = browsers?.join(this.#planner.linkOf(0));
    await this.#fill(allSeats(rooms, participants), rooms * participants);
    await joining;
    await this.#pause(SETTLE_MS);
    this.#beginSteady();
    await browsers?.read();
    await this.#steady(scenario.durationS, true);
    this.#browserFigures = (await browsers?.read()) ?? null;
  }

  /** Larger and larger, until a threshold breaks or the generator does. */
  async #grow(grow: NonNullable<Scenario["grow"]>): Promise<void> {
    const { scenario } = this.#options;
    let { rooms, participants } = scenario;
    await this.#fill(allSeats(rooms, participants), rooms * participants);
    for (;;) {
      await this.#pause(SETTLE_AFTER_GROWTH_MS);
      this.#beginSteady();
      this.#mark(String(this.#crowd.size));
      const seen = this.#recorder.samples.length;
      await this.#steady(grow.holdS, false);
      if (!this.#judgeStage(this.#recorder.samples.slice(seen))) return;
      const isRooms = grow.what === "rooms";
      const next = isRooms ? rooms + grow.by : participants + grow.by;
      if (next > grow.to) return;
      const seats = isRooms
        ? allSeats(next, participants).filter(({ room }) => room >= rooms)
        : allSeats(rooms, next).filter(({ index }) => index >= participants);
      if (isRooms) rooms = next;
      else participants = next;
      this.#recorder.beginJoining();
      await this.#fill(seats, rooms * participants);
    }
  }

  /** False when this size, of which `samples` tell, doesn't hold. */
  #judgeStage(samples: readonly Sample[]): boolean {
    const measured = this.#measured();
    const { figures, thresholds } = measured;
    const broken = thresholds
      // How far a run should get is judged at its end.
      .filter(({ passed, figure }) => !passed && figure !== "heldParticipants")
      .sort((one, other) => other.excess - one.excess);
    const isResult = this.#options.despiteSaturation === true || verdictOf(this.#recorder).isResult;
    const participants = this.#crowd.size;
    this.#stages.push({ participants, figures, broken, isResult, busiest: busiestOf(samples) });
    const holds = broken.length === 0 && isResult;
    if (holds) this.#held = measured;
    return holds;
  }

  async #fill(seats: readonly { room: number; index: number }[], total: number): Promise<void> {
    const { joinPerS } = this.#options.scenario;
    this.#phase = "joining";
    for (const [sent, { room, index }] of seats.entries()) {
      this.#crowd.add(room, index, total);
      this.#share = sent / seats.length;
      if (joinPerS !== "all") await this.#pause(1_000 / joinPerS);
    }
    await this.#settle(JOIN_PATIENCE_MS);
    this.#share = 1;
  }

  /** Until everybody is in or has failed, at most so long. */
  async #settle(patienceMs: number): Promise<void> {
    const untilMs = performance.now() + patienceMs;
    while (!this.#crowd.hasSettled && performance.now() < untilMs) await this.#pause(50);
  }

  #beginSteady(): void {
    this.#recorder.beginSteady();
    this.#phase = "steady";
    this.#share = 0;
  }

  async #steady(durationS: number, withSteps: boolean): Promise<void> {
    const { scenario } = this.#options;
    const beganMs = performance.now();
    const pending = withSteps ? [...scenario.steps].sort((a, b) => a.atS - b.atS) : [];
    const running: Promise<void>[] = [];
    for (let second = 0; ; second += 1) {
      const elapsedS = (performance.now() - beganMs) / 1_000;
      this.#share = Math.min(1, elapsedS / durationS);
      if (elapsedS >= durationS) break;
      while (pending[0] !== undefined && pending[0].atS <= elapsedS) {
        const step = pending.shift();
        if (step !== undefined) running.push(this.#step(step));
      }
      this.#crowd.everySecond(second);
      await this.#pause(Math.min(1_000, (durationS - elapsedS) * 1_000));
    }
    await Promise.all(running);
    await this.#settle(LATE_NEWCOMER_MS);
    // What the agents have counted in the last second comes a moment later.
    await this.#pause(SAMPLE_MS / 2);
  }

  async #step(step: Scenario["steps"][number]): Promise<void> {
    this.#mark(nameOfStep(step));
    try {
      const { signal } = this.#interruption;
      await carryOutStep(step, { ...this.#options, crowd: this.#crowd, signal });
    } catch (error) {
      this.interrupt(`the step ${nameOfStep(step)} failed: ${String(error)}`);
    }
  }

  #mark(what: string): void {
    this.#marks.push({ atS: this.#recorder.elapsedS, what });
  }

  #startSampling(): () => void {
    const { tell } = this.#options;
    const timer = setInterval(() => {
      const sample = this.#recorder.sample(this.#crowd.size);
      tell({ phase: this.#phase, share: this.#share, sample });
      void this.#readServer().then((server) => {
        if (server !== undefined) this.#recorder.server(server);
      });
    }, SAMPLE_MS);
    return () => {
      clearInterval(timer);
    };
  }

  async #readServer(): Promise<ServerSample | undefined> {
    const { service, metricsUrl } = this.#options;
    const own = service === undefined ? undefined : readOwnServiceUse(service);
    return own ?? (metricsUrl === undefined ? undefined : readServerMetrics(metricsUrl));
  }

  /** Rejects when the run was interrupted. */
  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#interruption.signal });
  }

  #measured(): Measured {
    const figures = summarise(this.#recorder, this.#crowd.size, this.#crowd.present);
    return this.#judged(figures, histogramData(this.#recorder.histograms));
  }

  #judged(figures: Figures, histograms: Measured["histograms"]): Measured {
    const thresholds = judgeThresholds(thresholdsOf(this.#options.scenario), figures);
    return { figures, thresholds, histograms };
  }

  /** What the run comes to: of one that grew, its largest size that held. */
  #outcome(knee: Knee | null): Measured {
    const { figures, histograms } = this.#held ?? this.#measured();
    if (knee === null) return this.#judged(figures, histograms);
    return this.#judged({ ...figures, heldParticipants: knee.heldParticipants }, histograms);
  }

  #result(): RunResult {
    const { scenario, agents, origin } = this.#options;
    const { signal } = this.#interruption;
    const knee = scenario.grow === undefined ? null : kneeOf(this.#stages);
    return {
      format: "aparte-loadtest-1",
      scenario,
      target: origin,
      startedAt: this.#startedAt.toISOString(),
      elapsedS: this.#recorder.elapsedS,
      version: ownVersion(),
      machine: thisMachine(),
      agents: agents.list,
      sealed: this.#options.sealed ?? true,
      interrupted: signal.aborted ? String(signal.reason) : null,
      ...this.#outcome(knee),
      verdict: verdictOf(this.#recorder),
      samples: this.#recorder.samples,
      marks: this.#marks,
      stages: this.#stages,
      knee,
      troubles: [...this.#recorder.troubles.values()],
      browsers: this.#browserFigures,
    };
  }
}

function allSeats(rooms: number, participants: number): { room: number; index: number }[] {
  // Room after room, as calls begin in life.
  return Array.from({ length: rooms * participants }, (_, number) => ({
    room: Math.floor(number / participants),
    index: number % participants,
  }));
}
