import type { EngineStats } from "../../loadtest/engine/media-engine.ts";
import type { HistogramData } from "../../loadtest/statistics/histogram.ts";
import { Histogram } from "../../loadtest/statistics/histogram.ts";
import { ROOM_SIZE, STREAMS_RECEIVED } from "./pairs.ts";

/** What a generator of load must not do for its figures to be believed. */
const LIMITS = {
  /** Packets that came to its sockets, and were not read in time. */
  lostShare: 0.001,
  /** Frames sent, of those that the clock says. */
  sentShare: 0.98,
  receivedShare: 0.98,
} as const;

/**
 * Ready to run, and kept from its core by others. That can only make a step worse, so a sound one
 * stays sound; of one that isn't it says that others may be the reason.
 */
const DISTURBED_RUN_QUEUE_SHARE = 0.05;

/** Beyond these what the sink does isn't what an SFU would do, and says nothing about the generator. */
const SINK_LIMITS = {
  /** So late that frames pile up, and connections are given up. */
  p99Ms: 50,
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
  /** Beyond it the step isn't sound. */
  readonly p99LimitMs: number;
  /** From the stamp of a frame to the arrival of its last packet: what the sink and the way add, too. */
  readonly latencyP99Ms: number;
  readonly cpuShare: number;
  readonly cpuUsPerPacket: number;
  readonly packetsPerS: number;
  readonly megabitsPerS: number;
  readonly runQueueShare: number;
  readonly lostShare: number;
  readonly sentShare: number;
  /** Frames received, of those that were to come. */
  readonly receivedShare: number;
  /** Of the received ones. */
  readonly openedShare: number;
  readonly memoryMb: number;
  /** What of it is wrong; nothing when it is sound. */
  readonly complaints: readonly string[];
  readonly sinkP99Ms: number;
  readonly sinkSentShare: number;
  readonly sinkCpuShare: number;
  /** When there are any, the sink is the limit, and the step says nothing about the generator. */
  readonly sinkComplaints: readonly string[];
}

export function isSound({ complaints, sinkComplaints }: Step): boolean {
  return complaints.length === 0 && sinkComplaints.length === 0;
}

export function stepOf(
  { participants, p99LimitMs }: Pick<Step, "participants" | "p99LimitMs">,
  stats: EngineStats,
  sink: EngineStats,
): Step {
  const packets = stats.packetsSent + stats.packetsReceived;
  const seconds = stats.intervalMs / 1_000;
  const framesDue = participants * seconds * (AUDIO_FRAMES_PER_S + LAYERS * VIDEO_FRAMES_PER_S);
  const pairsOfStreams = (participants * STREAMS_RECEIVED) / 2;
  const receivedDue = pairsOfStreams * seconds * (AUDIO_FRAMES_PER_S + VIDEO_FRAMES_PER_S);
  const roomsDue = receivedDue / ROOM_SIZE;
  const received = stats.audio.received + stats.video.received;
  const measured = {
    participants,
    p99Ms: p99MsOf(stats),
    p99LimitMs,
    latencyP99Ms: worseP99MsOf(stats.audio.latencyUs, stats.video.latencyUs),
    cpuShare: stats.cpuUs / 1_000 / stats.intervalMs,
    cpuUsPerPacket: stats.cpuUs / packets,
    packetsPerS: packets / seconds,
    megabitsPerS: ((stats.bytesSent + stats.bytesReceived) * 8) / seconds / 1e6,
    runQueueShare: (stats.runQueueWaitUs ?? 0) / 1_000 / stats.intervalMs,
    lostShare: stats.packetsLost / Math.max(1, stats.packetsExpected),
    sentShare: (stats.audio.sent + stats.video.sent) / framesDue,
    receivedShare: received / receivedDue,
    openedShare: (stats.audio.opened + stats.video.opened) / Math.max(1, received),
    memoryMb: stats.memoryBytes / 2 ** 20,
    sinkP99Ms: p99MsOf(sink),
    sinkSentShare: (sink.audio.sent + sink.video.sent) / roomsDue,
    sinkCpuShare: sink.cpuUs / 1_000 / sink.intervalMs,
  };
  const isConnected = Math.min(stats.transports, sink.transports) === 2 * participants;
  const complaints = [...(isConnected ? [] : ["connections were lost"]), ...complaintsOf(measured)];
  return { ...measured, complaints, sinkComplaints: sinkComplaintsOf(measured) };
}

type Measured = Omit<Step, "complaints" | "sinkComplaints">;

function complaintsOf(step: Measured): string[] {
  const { p99Ms, p99LimitMs, runQueueShare, lostShare, sentShare, receivedShare } = step;
  const percent = (share: number, digits = 0) => `${(100 * share).toFixed(digits)} %`;
  const complaints = [
    ...(p99Ms > p99LimitMs ? [`own delay of ${p99Ms.toFixed(1)} ms`] : []),
    ...(lostShare > LIMITS.lostShare ? [`${percent(lostShare, 2)} lost`] : []),
    ...(sentShare < LIMITS.sentShare ? [`${percent(sentShare)} of frames sent`] : []),
    ...(receivedShare < LIMITS.receivedShare
      ? [`${percent(receivedShare)} of frames received`]
      : []),
  ];
  const isDisturbed = runQueueShare > DISTURBED_RUN_QUEUE_SHARE;
  if (complaints.length === 0 || !isDisturbed) return complaints;
  return [...complaints, `kept from its core for ${percent(runQueueShare)}`];
}

function sinkComplaintsOf({ sinkP99Ms, sinkSentShare }: Measured): string[] {
  return [
    ...(sinkP99Ms > SINK_LIMITS.p99Ms ? [`sink: delay of ${sinkP99Ms.toFixed(0)} ms`] : []),
    ...(sinkSentShare < SINK_LIMITS.sentShare
      ? [`sink: ${(100 * sinkSentShare).toFixed(0)} % of frames sent`]
      : []),
  ];
}

/** Where an engine can't tell when packets came, only the sending counts. */
function p99MsOf({ sendDelayUs, receiveDelayUs }: EngineStats): number {
  return worseP99MsOf(sendDelayUs, receiveDelayUs);
}

function worseP99MsOf(...distributions: readonly HistogramData[]): number {
  const p99sUs = distributions.map((data) =>
    data.count === 0 ? 0 : Histogram.from(data).percentile(0.99),
  );
  return Math.max(...p99sUs) / 1_000;
}
