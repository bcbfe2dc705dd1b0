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

/** Sums over all agents and a span of time. */
export class MediaTotals extends PacketCounters {
  audioFrames = 0;
  videoFrames = 0;
  decryptFailures = 0;
  framesBeforeKeys = 0;
  disordered = 0;
  cpuUs = 0;
  engineWaitUs = 0;
  isWaitKnown = false;
  /** Of all agents together. */
  agentMs = 0;
  #audioLatency = new Histogram();
  #videoLatency = new Histogram();
  #firstMs: number | undefined;
  #lastMs = 0;

  add(stats: AgentStats): void {
    const { engine } = stats;
    this.#firstMs ??= performance.now() - engine.intervalMs;
    this.#lastMs = performance.now();
    for (const name of PACKET_COUNTERS) this[name] += engine[name];
    for (const frames of [engine.audio, engine.video]) {
      this.decryptFailures += failuresOf(frames);
      this.framesBeforeKeys += frames.refused["no-key"];
      this.disordered += frames.disordered;
    }
    this.audioFrames += engine.audio.received;
    this.videoFrames += engine.video.received;
    this.cpuUs += stats.cpuUs + engine.cpuUs;
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
    this.cpuUs = 0;
    this.engineWaitUs = 0;
    this.agentMs = 0;
    this.#audioLatency.take();
    this.#videoLatency.take();
    this.#firstMs = undefined;
  }

  /** Seconds from the first to the last of what was added. */
  get seconds(): number {
    return this.#firstMs === undefined ? 0 : (this.#lastMs - this.#firstMs) / 1_000;
  }

  row(): MediaRow {
    const seconds = this.seconds;
    const perSecond = (count: number) => (seconds === 0 ? 0 : count / seconds);
    const percentile = (histogram: Histogram, quantile: number) =>
      histogram.count === 0 ? null : histogram.percentile(quantile) / 1_000;
    return {
      packetsInPerS: perSecond(this.packetsReceived),
      packetsOutPerS: perSecond(this.packetsSent),
      megabitsInPerS: perSecond(this.bytesReceived * 8) / 1e6,
      megabitsOutPerS: perSecond(this.bytesSent * 8) / 1e6,
      lossPercent: this.packetsExpected === 0 ? 0 : (this.packetsLost / this.packetsExpected) * 100,
      audioLatencyP50Ms: percentile(this.#audioLatency, 0.5),
      audioLatencyP95Ms: percentile(this.#audioLatency, 0.95),
      audioLatencyP99Ms: percentile(this.#audioLatency, 0.99),
      videoLatencyP50Ms: percentile(this.#videoLatency, 0.5),
      videoLatencyP95Ms: percentile(this.#videoLatency, 0.95),
      videoLatencyP99Ms: percentile(this.#videoLatency, 0.99),
      decryptFailures: this.decryptFailures,
      generatorCores: perSecond(this.cpuUs) / 1e6,
    };
  }
}

function failuresOf({ refused }: FrameStats): number {
  return FAILURES.reduce((sum, cause) => sum + refused[cause], 0);
}
