import type { HistogramName } from "../report/run-result.ts";
import { GAP_MS } from "../report/run-result.ts";
import type { FigureName, Figures } from "../statistics/figures.ts";
import { figureNames } from "../statistics/figures.ts";
import type { Verdict } from "../statistics/verdict.ts";
import { judgeGenerator } from "../statistics/verdict.ts";
import type { Recorder } from "./recorder.ts";

/** Frames a second of what synthetic participants send: what a minute of a stream is told by. */
const AUDIO_FRAMES_PER_MINUTE = 50 * 60;
const VIDEO_FRAMES_PER_MINUTE = 30 * 60;
const MEGABYTE = 1e6;

/** The figures of what a recorder holds. `wanted` is how many participants should have joined. */
export function summarise(recorder: Recorder, wanted: number, joined: number): Figures {
  const { totals } = recorder;
  const row = totals.row();
  const use = recorder.serverUse;
  const p = (name: HistogramName, quantile: number) => percentileMs(recorder, name, quantile);
  const audioMinutes = totals.audioFrames / AUDIO_FRAMES_PER_MINUTE;
  const videoMinutes = totals.videoFrames / VIDEO_FRAMES_PER_MINUTE;
  const gaps = recorder.histograms.audioGap;
  const wait = waitShareOf(recorder);
  const figures: Readonly<Record<FigureName, number>> = {
    // Known only when all sizes have been tried.
    heldParticipants: Number.NaN,
    joinedPercent: wanted === 0 ? 100 : (joined / wanted) * 100,
    presentPercent: recorder.presentShare * 100,
    joinP50Ms: p("joined", 0.5),
    joinP95Ms: p("joined", 0.95),
    joinP99Ms: p("joined", 0.99),
    firstAudioP95Ms: p("firstAudio", 0.95),
    firstVideoP95Ms: p("firstVideo", 0.95),
    audioLatencyP50Ms: p("audioLatency", 0.5),
    audioLatencyP95Ms: p("audioLatency", 0.95),
    audioLatencyP99Ms: p("audioLatency", 0.99),
    videoLatencyP50Ms: p("videoLatency", 0.5),
    videoLatencyP95Ms: p("videoLatency", 0.95),
    videoLatencyP99Ms: p("videoLatency", 0.99),
    audioGapP99Ms: p("audioGap", 0.99),
    audioGapsPerMinute: (gaps.shareAbove(GAP_MS * 1_000) * gaps.count) / audioMinutes,
    freezesPerMinute: recorder.histograms.freeze.count / videoMinutes,
    lossPercent: totals.packetsExpected === 0 ? Number.NaN : row.lossPercent,
    repairedPercent: (totals.packetsRepaired / totals.packetsExpected) * 100,
    decryptFailures: totals.decryptFailures,
    framesBeforeKeys: totals.framesBeforeKeys,
    disorderedFrames: totals.disordered,
    rekeyP95Ms: p("rekey", 0.95),
    exclusionP95Ms: p("exclusion", 0.95),
    signalingRecoveryP95Ms: p("signalingRecovery", 0.95),
    mediaRecoveryP95Ms: p("mediaRecovery", 0.95),
    troubles: recorder.troubleCount,
    packetsInPerS: row.packetsInPerS,
    packetsOutPerS: row.packetsOutPerS,
    megabitsInPerS: row.megabitsInPerS,
    megabitsOutPerS: row.megabitsOutPerS,
    serverCpuCores: use?.serverCores ?? Number.NaN,
    workerCpuCores: use?.workerCores ?? Number.NaN,
    workerCpuPerParticipantPercent: ((use?.workerCores ?? Number.NaN) * 100) / joined,
    serverMemoryMb: (use?.memoryBytes ?? Number.NaN) / MEGABYTE,
    serverWaitPercent: (use?.waitShare ?? Number.NaN) * 100,
    generatorCpuCores: row.generatorCores,
    generatorDelayP99Ms: p("generatorDelay", 0.99),
    generatorWaitPercent: wait === null ? Number.NaN : wait * 100,
  };
  const measured: Figures = {};
  for (const name of figureNames()) {
    if (Number.isFinite(figures[name])) measured[name] = rounded(figures[name]);
  }
  return measured;
}

/** Whether the generator kept up in what a recorder holds. */
export function verdictOf(recorder: Recorder): Verdict {
  return judgeGenerator({
    sendDelayP99Ms: percentileMs(recorder, "generatorDelay", 0.99),
    receiveDelayP99Ms: percentileMs(recorder, "receiveDelay", 0.99),
    loopDelayP99Ms: percentileMs(recorder, "loopDelay", 0.99),
    engineWaitShare: waitShareOf(recorder),
  });
}

function percentileMs(recorder: Recorder, name: HistogramName, quantile: number): number {
  return recorder.histograms[name].percentile(quantile) / 1_000;
}

function waitShareOf({ totals }: Recorder): number | null {
  const wallUs = totals.agentMs * 1_000;
  return totals.isWaitKnown && wallUs > 0 ? totals.engineWaitUs / wallUs : null;
}

/** Four digits: more would only feign exactness. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
