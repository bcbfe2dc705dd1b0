import { setTimeout as sleep } from "node:timers/promises";
import type { EngineProgram } from "../../loadtest/engine/engine-process.ts";
import { EngineProcess } from "../../loadtest/engine/engine-process.ts";
import type { EngineSettings } from "../../loadtest/engine/media-engine.ts";
import { mediaFolder } from "../../test/support/engine-lab.ts";
import { Pairs } from "./pairs.ts";
import { isSound, stepOf } from "./step.ts";
import type { Step } from "./step.ts";

export interface ClimbOptions {
  readonly generator: EngineProgram;
  readonly sink: EngineProgram;
  /** Of several, one's wait for the core is the other's work, and says nothing of other processes. */
  readonly hasOneThread: boolean;
  /** Own delay in the 99th of a hundred packets. */
  readonly p99LimitMs: number;
  readonly srtpProfile: EngineSettings["srtpProfiles"][number];
  /** Which of the frames so many participants open, 0 to 1. */
  readonly openShareOf: (participants: number) => number;
  readonly participantsPerStep: number;
  readonly maxParticipants: number;
  readonly secondsPerStep: number;
  /** No step begins later. */
  readonly longestMs: number;
  readonly onStep: (step: Step) => void;
}

/** Key frames of the beginning, and the compiler of an engine that has one. */
const SETTLE_MS = 1_500;
/** A step may be bad by chance; two in a row are the end. */
const BAD_STEPS = 2;

/** Adds participants until the generator, or the sink, isn't sound any more. */
export async function climb(options: ClimbOptions): Promise<Step[]> {
  const generator = new EngineProcess(options.generator);
  const sink = new EngineProcess(options.sink);
  const steps: Step[] = [];
  const endMs = Date.now() + options.longestMs;
  try {
    const settings = { mediaFolder, srtpProfiles: [], seal: true, stamp: true };
    await generator.request("engine:open", settings);
    // By the sink alone: not every generator can choose, but each takes what its peer insists on. It
    // polls, as an SFU on another machine isn't woken at the generator's expense either.
    const srtpProfiles = [options.srtpProfile];
    await sink.request("engine:open", { ...settings, srtpProfiles, polls: true });
    const pairs = new Pairs(generator, sink);
    let bad = 0;
    while (bad < BAD_STEPS && pairs.count < options.maxParticipants && Date.now() < endMs) {
      for (let added = 0; added < options.participantsPerStep; added += 1) await pairs.add();
      await pairs.setOpenShare(options.openShareOf(pairs.count));
      const step = await measure(generator, sink, pairs.count, options);
      options.onStep(step);
      steps.push(step);
      bad = isSound(step) ? 0 : bad + 1;
    }
  } finally {
    await Promise.all([generator.close(), sink.close()]);
  }
  return steps;
}

async function measure(
  generator: EngineProcess,
  sink: EngineProcess,
  participants: number,
  { secondsPerStep, hasOneThread, p99LimitMs }: ClimbOptions,
): Promise<Step> {
  await sleep(SETTLE_MS);
  const engines = [generator, sink];
  await Promise.all(engines.map((engine) => engine.request("stats:take", {})));
  await sleep(secondsPerStep * 1_000);
  const [own, its] = await Promise.all([
    generator.request("stats:take", {}),
    sink.request("stats:take", {}),
  ]);
  const told = hasOneThread ? own : { ...own, runQueueWaitUs: null };
  return stepOf({ participants, p99LimitMs }, told, its);
}
