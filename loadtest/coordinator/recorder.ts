import type { EngineStats } from "../engine/media-engine.ts";
import type { AgentStats } from "../link/messages.ts";
import type { ParticipantEvent } from "../participant/participant-plan.ts";
import type { ServerSample } from "../service/server-metrics.ts";
import type { Histogram } from "../statistics/histogram.ts";
import type { HistogramName, MediaRow, Sample } from "../report/run-result.ts";
import { createHistograms } from "./histograms.ts";
import { EpochWatch } from "./epoch-watch.ts";
import { MediaTotals } from "./media-totals.ts";
import type { ServerUse } from "./server-use.ts";
import { ServerMeter } from "./server-use.ts";

/** A participant that gave up, for the report. */
export interface Trouble {
  readonly code: string;
  readonly message: string;
  count: number;
}

const MAX_TROUBLES = 50;
const OF_JOINING = [
  "socket",
  "join",
  "group",
  "transport",
  "joined",
  "firstAudio",
  "firstVideo",
] as const satisfies readonly HistogramName[];
const OF_STEADY_STATE = [
  "audioLatency",
  "videoLatency",
  "audioGap",
  "freeze",
  "generatorDelay",
  "receiveDelay",
  "loopDelay",
] as const satisfies readonly HistogramName[];

/** Everything that the agents tell, as it comes: counted, merged, and put into a row over time. */
export class Recorder {
  readonly #beganMs = performance.now();
  readonly histograms: Readonly<Record<HistogramName, Histogram>>;
  readonly epochs: EpochWatch;
  readonly samples: Sample[] = [];
  readonly troubles = new Map<string, Trouble>();
  /** Of the steady state alone. */
  readonly totals = new MediaTotals();
  readonly #joined = new Set<string>();
  readonly #failed = new Set<string>();
  /** Which of those who joined lack signaling or media now. */
  readonly #lost = { signaling: new Set<string>(), media: new Set<string>() } as const;
  #second = new MediaTotals();
  #row: MediaRow = new MediaTotals().row();
  readonly #agents = new Map<number, AgentStats>();
  readonly #server = new ServerMeter();
  #isSteady = false;
  #troubleCount = 0;
  /** Of the steady state: participants that were there and that should have been, by the second. */
  #presentSeconds = 0;
  #wantedSeconds = 0;

  constructor() {
    this.histograms = createHistograms();
    this.epochs = new EpochWatch(this.histograms.rekey, this.histograms.exclusion);
  }

  get troubleCount(): number {
    return this.#troubleCount;
  }

  get elapsedS(): number {
    return (performance.now() - this.#beganMs) / 1_000;
  }

  hasJoined(participantId: string): boolean {
    return this.#joined.has(participantId);
  }

  hasFailed(participantId: string): boolean {
    return this.#failed.has(participantId);
  }

  /** How many are in and have both signaling and media. */
  get presentNow(): number {
    const { signaling, media } = this.#lost;
    return [...this.#joined].filter((id) => !signaling.has(id) && !media.has(id)).length;
  }

  /** Of the steady state's seconds, 0 to 1; NaN when there was none. */
  get presentShare(): number {
    return this.#presentSeconds / this.#wantedSeconds;
  }

  /** Those who come now are counted by themselves, without those who came before. */
  beginJoining(): void {
    for (const name of OF_JOINING) this.histograms[name].take();
  }

  /** From now on latency, loss and the like count. Called again, they begin anew. */
  beginSteady(): void {
    this.#isSteady = true;
    this.#server.begin();
    this.totals.clear();
    this.#presentSeconds = 0;
    this.#wantedSeconds = 0;
    for (const name of OF_STEADY_STATE) this.histograms[name].take();
  }

  endSteady(): void {
    this.#isSteady = false;
  }

  events(events: readonly ParticipantEvent[]): void {
    for (const event of events) this.#event(event);
  }

  stats(agent: number, stats: AgentStats): void {
    this.#agents.set(agent, stats);
    this.#second.add(agent, stats);
    if (!this.#isSteady) return;
    this.totals.add(agent, stats);
    const { audio, video, sendDelayUs, receiveDelayUs }: EngineStats = stats.engine;
    this.histograms.audioLatency.merge(audio.latencyUs);
    this.histograms.videoLatency.merge(video.latencyUs);
    this.histograms.audioGap.merge(audio.gapUs);
    this.histograms.freeze.merge(video.gapUs);
    this.histograms.generatorDelay.merge(sendDelayUs);
    this.histograms.receiveDelay.merge(receiveDelayUs);
    this.histograms.loopDelay.merge(stats.loopDelayUs);
  }

  server(sample: ServerSample): void {
    this.#server.add(sample, performance.now());
  }

  /** What the server and its workers used in the steady state, as a mean. */
  get serverUse(): ServerUse | undefined {
    return this.#server.mean;
  }

  /** One row over time: what came since the last one. `target` is how many should be there. */
  sample(target: number): Sample {
    // Until all agents have told something anew, what flowed before stands for it.
    if (this.#second.agents > 0 && this.#second.agents === this.#agents.size) {
      this.#row = this.#second.row();
      this.#second = new MediaTotals();
    } else this.#row = { ...this.#row, decryptFailures: 0 };
    const use = this.#server.takeLast();
    const agents = [...this.#agents.values()];
    // A leaver's place is taken before all have been told.
    const present = Math.min(this.presentNow, target);
    if (this.#isSteady) {
      this.#presentSeconds += present;
      this.#wantedSeconds += target;
    }
    const sample: Sample = {
      atS: this.elapsedS,
      joined: present,
      target,
      ...this.#row,
      epochConvergence: this.epochs.convergence,
      generatorMemoryMb:
        agents.reduce((sum, stats) => sum + stats.memoryBytes + stats.engine.memoryBytes, 0) / 1e6,
      serverCores: use?.serverCores ?? null,
      workerCores: use?.workerCores ?? null,
      workers: use?.workers ?? [],
      serverMemoryMb: use === undefined ? null : use.memoryBytes / 1e6,
    };
    this.samples.push(sample);
    return sample;
  }

  #event(event: ParticipantEvent): void {
    switch (event.type) {
      case "stage":
        this.histograms[event.stage].record(event.ms * 1_000);
        break;
      case "joined":
        this.histograms.joined.record(event.ms * 1_000);
        this.#joined.add(event.participantId);
        break;
      case "leaving":
        this.epochs.leaving(event.participantId, event.atUs);
        this.#forget(event.participantId);
        break;
      case "left":
        this.epochs.left(event.room, event.participantId);
        this.#forget(event.participantId);
        break;
      case "epoch":
        this.epochs.epoch(event);
        break;
      case "lost":
        this.#lost[event.what].add(event.participantId);
        break;
      case "recovered":
        this.#lost[event.what].delete(event.participantId);
        this.histograms[event.what === "media" ? "mediaRecovery" : "signalingRecovery"].record(
          event.ms * 1_000,
        );
        break;
      case "trouble":
        this.#trouble(event);
        break;
    }
  }

  #forget(participantId: string): void {
    this.#joined.delete(participantId);
    for (const lost of Object.values(this.#lost)) lost.delete(participantId);
  }

  #trouble({
    participantId,
    code,
    message,
    isFinal,
  }: ParticipantEvent & { type: "trouble" }): void {
    this.#troubleCount += 1;
    if (isFinal) this.#failed.add(participantId);
    const known = this.troubles.get(code);
    if (known !== undefined) known.count += 1;
    else if (this.troubles.size < MAX_TROUBLES)
      this.troubles.set(code, { code, message, count: 1 });
  }
}
