import { setTimeout as sleep } from "node:timers/promises";
import type { EngineProgram } from "../../loadtest/engine/engine-process.ts";
import { EngineProcess } from "../../loadtest/engine/engine-process.ts";
import type { EngineSettings } from "../../loadtest/engine/media-engine.ts";
import { mediaFolder } from "../../test/support/engine-lab.ts";
import { addPair } from "./pair.ts";
import { stepOf } from "./step.ts";
import type { Step } from "./step.ts";

export interface ClimbOptions {
  readonly generator: EngineProgram;
  readonly sink: EngineProgram;
  readonly srtpProfile: EngineSettings["srtpProfiles"][number];
  readonly openShare: number;
  readonly participantsPerStep: number;
  readonly maxParticipants: number;
  readonly secondsPerStep: number;
  readonly onStep: (step: Step) => void;
}

/** Key frames of the beginning, and the compiler of an engine that has one. */
const SETTLE_MS = 1_500;
/** A step may be bad by chance; two in a row are the end. */
const BAD_STEPS = 2;

/** Adds participants until the generator isn't sound any more. */
export async function climb(options: ClimbOptions): Promise<Step[]> {
  const generator = new EngineProcess(options.generator);
  const sink = new EngineProcess(options.sink);
  const steps: Step[] = [];
  try {
    const settings = { mediaFolder, srtpProfiles: [], seal: true, stamp: true };
    await generator.request("engine:open", settings);
    // By the sink alone: not every generator can choose, but each takes what its peer insists on.
    await sink.request("engine:open", { ...settings, srtpProfiles: [options.srtpProfile] });
    let participants = 0;
    let bad = 0;
    while (bad < BAD_STEPS && participants < options.maxParticipants) {
      for (let added = 0; added < options.participantsPerStep; added += 1) {
        // By the golden ratio each lies far from all before it.
        const phase = (participants * 0.618_034) % 1;
        const { openShare } = options;
        await addPair({ generator, sink, participant: String(participants), phase, openShare });
        participants += 1;
      }
      const step = await measure(generator, sink, participants, options.secondsPerStep);
      options.onStep(step);
      steps.push(step);
      bad = step.complaints.length === 0 ? 0 : bad + 1;
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
  seconds: number,
): Promise<Step> {
  await sleep(SETTLE_MS);
  const engines = [generator, sink];
  await Promise.all(engines.map((engine) => engine.request("stats:take", {})));
  await sleep(seconds * 1_000);
  const [own, its] = await Promise.all([
    generator.request("stats:take", {}),
    sink.request("stats:take", {}),
  ]);
  return stepOf(participants, own, its);
}
