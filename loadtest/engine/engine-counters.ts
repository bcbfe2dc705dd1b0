import { Histogram } from "../statistics/histogram.ts";
import { runQueueWaitUs } from "../statistics/scheduling.ts";
import { PACKET_COUNTERS, PacketCounters } from "./packet-counters.ts";
import type { EngineStats, FrameStats, RefusalCause } from "./media-engine.ts";

const PLAIN_COUNTERS = [
  ...PACKET_COUNTERS,
  "nacksSent",
  "nacksReceived",
  "packetsRetransmitted",
  "keyFrameRequestsSent",
  "keyFrameRequestsReceived",
] as const;
type PlainCounter = (typeof PLAIN_COUNTERS)[number];

const FRAME_COUNTERS = ["sent", "received", "opened", "skipped", "disordered"] as const;

function noRefusals(): Record<RefusalCause, number> {
  return {
    "no-key": 0,
    "wrong-sender": 0,
    "wrong-stream": 0,
    tampered: 0,
    replayed: 0,
    malformed: 0,
  };
}

/** What became of the frames of one kind. */
export class FrameCounters {
  sent = 0;
  received = 0;
  opened = 0;
  skipped = 0;
  disordered = 0;
  refused = noRefusals();
  readonly latencyUs = new Histogram();
  readonly gapUs = new Histogram();

  take(): FrameStats {
    const { sent, received, opened, skipped, disordered, refused } = this;
    for (const name of FRAME_COUNTERS) this[name] = 0;
    this.refused = noRefusals();
    const histograms = { latencyUs: this.latencyUs.take(), gapUs: this.gapUs.take() };
    return { sent, received, opened, skipped, disordered, refused, ...histograms };
  }
}

/** All that the portable engine counts. `take` gives it and begins anew. */
export class EngineCounters extends PacketCounters implements Record<PlainCounter, number> {
  nacksSent = 0;
  nacksReceived = 0;
  packetsRetransmitted = 0;
  keyFrameRequestsSent = 0;
  keyFrameRequestsReceived = 0;
  readonly audio = new FrameCounters();
  readonly video = new FrameCounters();
  readonly sendDelayUs = new Histogram();
  #takenAtMs = performance.now();
  #cpuUs = cpuNowUs();
  #waitUs = runQueueWaitUs("self");

  take(transports: number): EngineStats {
    const nowMs = performance.now();
    const cpuUs = cpuNowUs();
    const waitUs = runQueueWaitUs("self");
    const stats: EngineStats = {
      ...this.#takePlain(),
      intervalMs: nowMs - this.#takenAtMs,
      audio: this.audio.take(),
      video: this.video.take(),
      sendDelayUs: this.sendDelayUs.take(),
      receiveDelayUs: new Histogram().toJSON(),
      cpuUs: cpuUs - this.#cpuUs,
      runQueueWaitUs: differenceOf(waitUs, this.#waitUs),
      memoryBytes: process.memoryUsage.rss(),
      transports,
    };
    this.#takenAtMs = nowMs;
    this.#cpuUs = cpuUs;
    this.#waitUs = waitUs;
    return stats;
  }

  #takePlain(): Record<PlainCounter, number> {
    const { packetsSent, bytesSent, packetsReceived, bytesReceived } = this;
    const { packetsExpected, packetsLost, packetsRepaired } = this;
    const { nacksSent, nacksReceived, packetsRetransmitted } = this;
    const { keyFrameRequestsSent, keyFrameRequestsReceived } = this;
    for (const name of PLAIN_COUNTERS) this[name] = 0;
    return {
      ...{ packetsSent, bytesSent, packetsReceived, bytesReceived },
      ...{ packetsExpected, packetsLost, packetsRepaired },
      ...{ nacksSent, nacksReceived, packetsRetransmitted },
      ...{ keyFrameRequestsSent, keyFrameRequestsReceived },
    };
  }
}

function cpuNowUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Threads that ended took their share with them, so a difference may even be negative. */
function differenceOf(now: number | undefined, before: number | undefined): number | null {
  return now === undefined || before === undefined ? null : Math.max(0, now - before);
}
