import type { EngineStats } from "../../loadtest/engine/media-engine.ts";
import { Histogram } from "../../loadtest/statistics/histogram.ts";
import { STREAMS_RECEIVED } from "./pair.ts";

/** What a generator of load must not do for its figures to be believed. */
const LIMITS = {
  /** Its own delay in the 99th of a hundred packets. */
  p99Ms: 5,
  /** Ready to run, and kept from its core by others. */
  runQueueShare: 0.05,
  /** Packets that came to its sockets, and were not read in time. */
  lostShare: 0.001,
  /** Frames sent, of those that the clock says. */
  sentShare: 0.98,
} as const;

const AUDIO_FRAMES_PER_S = 50;
const VIDEO_FRAMES_PER_S = 30;
const LAYERS = 3;

/** A generator under a load of so many participants. */
export interface Step {
  readonly participants: number;
  /** The worse of the two: later than due when sending, from the kernel to its handling. */
  readonly p99Ms: number;
  readonly cpuShare: number;
  readonly cpuUsPerPacket: number;
  readonly packetsPerS: number;
  readonly megabitsPerS: number;
  readonly runQueueShare: number;
  readonly lostShare: number;
  readonly sentShare: number;
  readonly memoryMb: number;
  /** What of it is wrong; nothing when it is sound. */
  readonly complaints: readonly string[];
  /** The sink's own: when it is bad while the generator is sound, the sink is the limit. */
  readonly sinkP99Ms: number;
  readonly sinkSentShare: number;
}

export function stepOf(participants: number, stats: EngineStats, sink: EngineStats): Step {
  const packets = stats.packetsSent + stats.packetsReceived;
  const seconds = stats.intervalMs / 1_000;
  const framesDue = participants * seconds * (AUDIO_FRAMES_PER_S + LAYERS * VIDEO_FRAMES_PER_S);
  const pairs = (participants * STREAMS_RECEIVED) / 2;
  const sinkFramesDue = pairs * seconds * (AUDIO_FRAMES_PER_S + VIDEO_FRAMES_PER_S);
  const measured = {
    participants,
    p99Ms: p99MsOf(stats),
    cpuShare: stats.cpuUs / 1_000 / stats.intervalMs,
    cpuUsPerPacket: stats.cpuUs / packets,
    packetsPerS: packets / seconds,
    megabitsPerS: ((stats.bytesSent + stats.bytesReceived) * 8) / seconds / 1e6,
    runQueueShare: (stats.runQueueWaitUs ?? 0) / 1_000 / stats.intervalMs,
    lostShare: stats.packetsLost / Math.max(1, stats.packetsExpected),
    sentShare: (stats.audio.sent + stats.video.sent) / framesDue,
    memoryMb: stats.memoryBytes / 2 ** 20,
    sinkP99Ms: p99MsOf(sink),
    sinkSentShare: (sink.audio.sent + sink.video.sent) / sinkFramesDue,
  };
  return { ...measured, complaints: complaintsOf(measured) };
}

function complaintsOf(step: Omit<Step, "complaints">): string[] {
  const { p99Ms, runQueueShare, lostShare, sentShare } = step;
  return [
    ...(p99Ms > LIMITS.p99Ms ? [`own delay of ${p99Ms.toFixed(1)} ms`] : []),
    ...(runQueueShare > LIMITS.runQueueShare
      ? [`kept from its core for ${(100 * runQueueShare).toFixed(0)} %`]
      : []),
    ...(lostShare > LIMITS.lostShare ? [`${(100 * lostShare).toFixed(2)} % lost`] : []),
    ...(sentShare < LIMITS.sentShare ? [`${(100 * sentShare).toFixed(0)} % of frames sent`] : []),
  ];
}

/** Where an engine can't tell when packets came, only the sending counts. */
function p99MsOf({ sendDelayUs, receiveDelayUs }: EngineStats): number {
  const [sending, receiving] = [sendDelayUs, receiveDelayUs].map((data) =>
    data.count === 0 ? 0 : Histogram.from(data).percentile(0.99),
  );
  return Math.max(sending ?? 0, receiving ?? 0) / 1_000;
}
