import type { RemoteAgent } from "../coordinator/agents.ts";
import type { Trouble } from "../coordinator/recorder.ts";
import type { Machine } from "../link/messages.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Figures } from "../statistics/figures.ts";
import type { HistogramData } from "../statistics/histogram.ts";
import type { JudgedThreshold } from "../statistics/judge-thresholds.ts";
import type { Verdict } from "../statistics/verdict.ts";

/** Distributions that a run keeps, in microseconds. */
export const HISTOGRAMS = [
  "socket",
  "join",
  "group",
  "transport",
  "joined",
  "firstAudio",
  "firstVideo",
  "audioLatency",
  "videoLatency",
  "audioGap",
  "freeze",
  "rekey",
  "exclusion",
  "signalingRecovery",
  "mediaRecovery",
  "generatorDelay",
  "receiveDelay",
  "loopDelay",
] as const;
/** Three lost packets in a row are heard, whatever conceals them: that is a gap of sound. */
export const GAP_MS = 60;
export type HistogramName = (typeof HISTOGRAMS)[number];

/** What flowed in a span of time. Null where nothing was measured. */
export interface MediaRow {
  readonly packetsInPerS: number;
  readonly packetsOutPerS: number;
  readonly megabitsInPerS: number;
  readonly megabitsOutPerS: number;
  readonly lossPercent: number;
  readonly audioLatencyP50Ms: number | null;
  readonly audioLatencyP95Ms: number | null;
  readonly audioLatencyP99Ms: number | null;
  readonly videoLatencyP50Ms: number | null;
  readonly videoLatencyP95Ms: number | null;
  readonly videoLatencyP99Ms: number | null;
  readonly decryptFailures: number;
  readonly generatorCores: number;
}

/** One second of the run. */
export interface Sample extends MediaRow {
  readonly atS: number;
  /** Who is in the call, with signaling and media. */
  readonly joined: number;
  readonly target: number;
  /** The share of members that have their room's newest keys, 0 to 1. */
  readonly epochConvergence: number;
  readonly generatorMemoryMb: number;
  readonly serverCores: number | null;
  readonly workerCores: number | null;
  readonly workers: readonly { name: string; cores: number; memoryMb: number }[];
  readonly serverMemoryMb: number | null;
}

/** Something that the scenario did, or a size that it grew to. */
export interface Mark {
  readonly atS: number;
  readonly what: string;
}

/** One size of a run that grows. */
export interface Stage {
  readonly participants: number;
  readonly figures: Figures;
  /** What was furthest beyond its limit comes first. */
  readonly broken: readonly JudgedThreshold[];
  readonly isResult: boolean;
  /** Which process of the server had most of a core; null where that isn't known. */
  readonly busiest: BusyProcess | null;
}

export interface BusyProcess {
  /** `signaling`, or `worker` and its number. */
  readonly name: string;
  readonly cores: number;
}

/** What the real browsers of a run saw, for comparison. */
export interface BrowserFigures {
  readonly count: number;
  readonly joined: number;
  readonly joinP95Ms: number | null;
  readonly framesDecodedPerS: number | null;
  readonly freezes: number | null;
  readonly lossPercent: number | null;
  readonly jitterBufferMs: number | null;
}

export interface RunResult {
  readonly format: "aparte-loadtest-1";
  readonly scenario: Scenario;
  /** Without the invitation's secret. */
  readonly target: string;
  readonly startedAt: string;
  readonly elapsedS: number;
  readonly version: string;
  readonly machine: Machine;
  readonly agents: readonly RemoteAgent[];
  /** False of a run that measures what sealing costs. */
  readonly sealed: boolean;
  /** Why it ended before its time, if it did. */
  readonly interrupted: string | null;
  /** Of a run that grows, these and what follows are of the largest size that held. */
  readonly figures: Figures;
  readonly thresholds: readonly JudgedThreshold[];
  readonly verdict: Verdict;
  readonly histograms: Readonly<Record<HistogramName, HistogramData>>;
  readonly samples: readonly Sample[];
  readonly marks: readonly Mark[];
  readonly stages: readonly Stage[];
  readonly knee: Knee | null;
  readonly troubles: readonly Trouble[];
  readonly browsers: BrowserFigures | null;
}

/** Where a growing run broke. */
export interface Knee {
  /** The largest number of participants at which everything held; 0 if none. */
  readonly heldParticipants: number;
  /** At which it didn't; null when the end was reached before. */
  readonly brokeAtParticipants: number | null;
  /** The threshold that was furthest beyond its limit then. */
  readonly brokeFirst: JudgedThreshold | null;
  /** Which process of the server was busiest then. */
  readonly busiest: BusyProcess | null;
}
