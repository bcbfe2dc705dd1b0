import type { FrameStats, RefusalCause } from "../engine/media-engine.ts";
import { PACKET_COUNTERS, PacketCounters } from "../engine/packet-counters.ts";
import type { AgentStats } from "../link/messages.ts";
import { Histogram } from "../statistics/histogram.ts";
import type { MediaRow } from "../report/run-result.ts";

/**
 * Replays are none, as retransmissions cause them; and frames that come before their keys are held
 * by clients until those are there, so they are counted apart.
 */
const FAILURES: readonly RefusalCause[] = ["wrong-sender", "wrong-stream", "tampered", "malformed"];

const FLOWS = ["packetsSent", "bytesSent", "packetsReceived", "bytesReceived"] as const;
/** What one agent counted, and in which time. */
type Share = Record<(typeof FLOWS)[number] | "cpuUs" | "ms", number>;
const NOTHING: Readonly<Share> = {
  packetsSent: 0,
  bytesSent: 0,
  packetsReceived: 0,
  bytesReceived: 0,
  cpuUs: 0,
  ms: 0,
};

/** Sums over all agents and a span of time. */
export class MediaTotals extends PacketCounters {
  audioFrames = 0;
  videoFrames = 0;
  decryptFailures = 0;
  framesBeforeKeys = 0;
  disordered = 0;
  engineWaitUs = 0;
  isWaitKnown = false;
  /** Of all agents together. */
  agentMs = 0;
  #audioLatency = new Histogram();
  #videoLatency = new Histogram();
  /** Agents report at moments of their own, so each has a rate by itself. */
  readonly #shares = new Map<number, Share>();

  add(agent: number, stats: AgentStats): void {
    const { engine } = stats;
    this.#addShare(agent, stats);
    for (const name of PACKET_COUNTERS) this[name] += engine[name];
    for (const frames of [engine.audio, engine.video]) {
      this.decryptFailures += failuresOf(frames);
      this.framesBeforeKeys += frames.refused["no-key"];
      this.disordered += frames.disordered;
    }
    this.audioFrames += engine.audio.received;
    this.videoFrames += engine.video.received;
    this.engineWaitUs += engine.runQueueWaitUs ?? 0;
    this.isWaitKnown ||= engine.runQueueWaitUs !== null;
    this.agentMs += engine.intervalMs;
    this.#audioLatency.merge(engine.audio.latencyUs);
    this.#videoLatency.merge(engine.video.latencyUs);
  }

  clear(): void {
    for (const name of PACKET_COUNTERS) this[name] = 0;
    this.audioFrames = 0;
    this.videoFrames = 0;
    this.decryptFailures = 0;
    this.framesBeforeKeys = 0;
    this.disordered = 0;
    this.engineWaitUs = 0;
    this.agentMs = 0;
    this.#audioLatency.take();
    this.#videoLatency.take();
    this.#shares.clear();
  }

  /** Of how many agents something was added. */
  get agents(): number {
    return this.#shares.size;
  }

  row(): MediaRow {
    const percentile = (histogram: Histogram, quantile: number) =>
      histogram.count === 0 ? null : histogram.percentile(quantile) / 1_000;
    return {
      packetsInPerS: this.#perSecond("packetsReceived"),
      packetsOutPerS: this.#perSecond("packetsSent"),
      megabitsInPerS: (this.#perSecond("bytesReceived") * 8) / 1e6,
      megabitsOutPerS: (this.#perSecond("bytesSent") * 8) / 1e6,
      lossPercent: this.#lossPercent,
      audioLatencyP50Ms: percentile(this.#audioLatency, 0.5),
      audioLatencyP95Ms: percentile(this.#audioLatency, 0.95),
      audioLatencyP99Ms: percentile(this.#audioLatency, 0.99),
      videoLatencyP50Ms: percentile(this.#videoLatency, 0.5),
      videoLatencyP95Ms: percentile(this.#videoLatency, 0.95),
      videoLatencyP99Ms: percentile(this.#videoLatency, 0.99),
      decryptFailures: this.decryptFailures,
      generatorCores: this.#perSecond("cpuUs") / 1e6,
    };
  }

  #addShare(agent: number, { engine, cpuUs }: AgentStats): void {
    const share = this.#shares.get(agent) ?? { ...NOTHING };
    this.#shares.set(agent, share);
    for (const name of FLOWS) share[name] += engine[name];
    share.cpuUs += cpuUs + engine.cpuUs;
    share.ms += engine.intervalMs;
  }

  /** Whoever was cut off tells what was lost afterwards, in a second that expected less. */
  get #lossPercent(): number {
    if (this.packetsExpected === 0) return 0;
    return Math.min(100, (this.packetsLost / this.packetsExpected) * 100);
  }

  #perSecond(name: keyof Share): number {
    const rates = [...this.#shares.values()].map((share) => (share[name] / share.ms) * 1_000);
    return rates.reduce((sum, rate) => sum + rate, 0);
  }
}

function failuresOf({ refused }: FrameStats): number {
  return FAILURES.reduce((sum, cause) => sum + refused[cause], 0);
}
